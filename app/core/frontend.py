"""The mini-program as a web page (H5): what its build made, which the release's image has in `h5/`.

Its files go to the static bucket under `h5/`, where its own pages look for them; Nginx serves its index at `/`.
"""

import mimetypes
from pathlib import Path

from core.drivers.storage import Object

HOME = Path(__file__).resolve().parents[1] / "h5"
INDEX = "index.html"
# All names but the index's change with the content.
_FOREVER = "public, max-age=31536000, immutable"
_FRESH = "no-cache"


def objects(home: Path = HOME) -> list[Object]:
    """Every file, as it should be in the bucket; the index last, as it names the others. None where none was built."""
    names = sorted(path for path in home.rglob("*") if path.is_file())
    return [_object(home, path) for path in sorted(names, key=lambda path: path.name == INDEX)]


def _object(home: Path, path: Path) -> Object:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    cached = _FRESH if path.name == INDEX else _FOREVER
    return Object(f"h5/{path.relative_to(home)}", path.read_bytes(), kind, cached)
