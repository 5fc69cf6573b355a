"""Upload the static files that this release refers to."""

import mimetypes
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand

from core.drivers.storage import Object, put_if_changed
from core.static import published_name

# The name changes with the content, so a copy never goes stale.
FOREVER = "public, max-age=31536000, immutable"


def objects() -> list[Object]:
    """Every static file, as it should be in the bucket."""
    found = []
    for finder in finders.get_finders():
        for name, storage in finder.list(["*.scss", ".*"]):
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            if kind.startswith("text/"):
                kind += "; charset=utf-8"
            content = Path(storage.path(name)).read_bytes()
            found.append(Object(published_name(name), content, kind, FOREVER))
    return sorted(found, key=lambda item: item.key)


class Command(BaseCommand):
    """Prints `changed=N`. Files of earlier releases stay, as those may still be serving."""

    help = "upload static files to the static bucket, where they have changed"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        bucket = settings.SHOP.storage.static_bucket
        wanted = objects()
        changed = sum(put_if_changed(bucket, item) for item in wanted)
        self.stdout.write(f"changed={changed} files={len(wanted)} bucket={bucket}")
