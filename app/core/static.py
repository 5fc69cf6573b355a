"""Static files under names made from their content, so that old and new releases can live together."""

import hashlib
from functools import lru_cache
from pathlib import Path
from posixpath import splitext

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


@lru_cache(maxsize=256)
def published_name(name: str) -> str:
    """`shop.css` → `shop.1a2b3c4d.css`."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"there is no static file {name}")
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:8]
    stem, suffix = splitext(name)
    return f"{stem}.{digest}{suffix}"


class ContentNamedStatic(StaticFilesStorage):
    """What `{% static %}` uses; `publish_static` uploads under the same names."""

    def url(self, name: str | None) -> str:
        """The address of a static file."""
        return super().url(published_name(name) if name else name)
