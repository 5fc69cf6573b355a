"""Static files under a folder named for all their content, so that old and new releases can live together.

One name for the whole set, and not one for each file: style sheets and scripts name their neighbours relatively, and so
need no rewriting.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@lru_cache(maxsize=1)
def files() -> dict[str, Path]:
    """Every static file of the applications by its name. Of two with one name the first counts, as for Django."""
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(["*.scss", ".*"]):
            found.setdefault(name, Path(storage.path(name)))
    return dict(sorted(found.items()))


@lru_cache(maxsize=1)
def folder() -> str:
    """The folder's name: twelve digits that change when any file does."""
    digest = hashlib.sha256()
    for name, path in files().items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def published_name(name: str) -> str:
    """`admin/css/base.css` → `1a2b3c4d5e6f/admin/css/base.css`. Raises FileNotFoundError for an unknown file."""
    if name not in files() and not name.endswith("/"):
        raise FileNotFoundError(f"there is no static file {name}")
    return f"{folder()}/{name}"


class ContentNamedStatic(StaticFilesStorage):
    """What `{% static %}` uses; `publish_static` uploads under the same names."""

    def url(self, name: str | None) -> str:
        """The address of a static file, or of a folder of them (`admin/img/`)."""
        return super().url(published_name(name) if name else name)
