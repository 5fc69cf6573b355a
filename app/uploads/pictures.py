"""What a picture must be, and what is kept of it: only its pixels."""

import io
from dataclasses import dataclass
from threading import BoundedSemaphore

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 2 * 1024 * 1024
MIN_SIDE = 16
MAX_SIDE = 8000
MAX_PIXELS = 24_000_000
KEPT_SIDE = 1600
"""Longer sides are scaled down to this: no client shows more, and phones' cameras make ten times as much."""
_QUALITY = 85
# Each picture being decoded may take 100 MB; all threads of a process at once would not fit its host.
_decoding = BoundedSemaphore(2)
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, ArithmeticError)


class NotAPictureError(ValueError):
    """The bytes are not a picture that the shop keeps; the message is for the client."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored: always a JPEG without metadata."""

    content: bytes
    width: int
    height: int


def take(content: bytes) -> Picture:
    """Decode a picture of an unknown person and encode it anew, so that nothing but its pixels remains.

    EXIF data (with the place where it was taken), comments and whatever hides behind the picture's end are gone. The
    dimensions are checked before anything is decoded. Raises NotAPictureError.
    """
    if len(content) > MAX_BYTES:
        raise NotAPictureError(f"must have at most {MAX_BYTES} bytes")
    with _decoding:
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _measure(image)
                return _encode(_upright(image))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise NotAPictureError(f"must have at most {MAX_PIXELS} pixels") from error
        except NotAPictureError:
            raise
        except _BROKEN as error:
            raise NotAPictureError("must be a whole JPEG, PNG or WebP picture") from error


def _measure(image: Image.Image) -> None:
    width, height = image.size
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise NotAPictureError(f"must have sides of {MIN_SIDE} to {MAX_SIDE} pixels, not {width}x{height}")
    if width * height > MAX_PIXELS:
        raise NotAPictureError(f"must have at most {MAX_PIXELS} pixels")


def _upright(image: Image.Image) -> Image.Image:
    # A JPEG can be decoded at a fraction of its size, which spares most of the memory.
    image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    image.load()
    turned = ImageOps.exif_transpose(image)
    turned.thumbnail((KEPT_SIDE, KEPT_SIDE))
    if turned.mode in ("RGBA", "LA", "PA", "P"):
        layers = turned.convert("RGBA")
        white = Image.new("RGBA", layers.size, "white")
        return Image.alpha_composite(white, layers).convert("RGB")
    return turned.convert("RGB")


def _encode(image: Image.Image) -> Picture:
    # Metadata travels in `info`, and some of Pillow's writers take it from there unasked.
    image.info.clear()
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Picture(stored.getvalue(), *image.size)
