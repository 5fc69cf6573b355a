"""The mini-program as a web page (H5): what its build made, which the release's image has in `h5/`.

Its files go to the static bucket under `h5/`, where its own pages look for them, and stay there for the releases that
name them. The page that names them is served by the release itself, at `/`: so it changes with the release, on each
host when that changes over, and back.
"""

import mimetypes
from functools import cache
from pathlib import Path

from core.drivers.storage import Object

HOME = Path(__file__).resolve().parents[1] / "h5"
INDEX = "index.html"
# All names but the index's change with the content.
_FOREVER = "public, max-age=31536000, immutable"
FRESH = "no-cache"


def objects(home: Path = HOME) -> list[Object]:
    """Every file, as it should be in the bucket; the index last, as it names the others. None where none was built."""
    names = sorted(path for path in home.rglob("*") if path.is_file())
    return [_object(home, path) for path in sorted(names, key=lambda path: path.name == INDEX)]


@cache
def page(home: Path = HOME) -> bytes | None:
    """The page that names the files; None where none was built."""
    file = home / INDEX
    return file.read_bytes() if file.is_file() else None


def policy(bridge: str) -> str:
    """What a browser may load for the page. `bridge` stands in for WeChat's own browser; empty where there is none.

    Taro writes styles into the page; pictures come from the CDN.
    """
    scripts, frames = f"'self' {bridge}".strip(), bridge or "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; connect-src {scripts}; frame-src {frames}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' https: data: blob:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _object(home: Path, path: Path) -> Object:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    cached = FRESH if path.name == INDEX else _FOREVER
    return Object(f"h5/{path.relative_to(home)}", path.read_bytes(), kind, cached)
