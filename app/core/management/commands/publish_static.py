"""Upload the static files that this release refers to."""

import mimetypes
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core import frontend
from core.drivers.storage import Object
from core.publishing import publish
from core.static import files, published_name

# The name changes with the content, so a copy never goes stale.
FOREVER = "public, max-age=31536000, immutable"


def objects() -> list[Object]:
    """Every static file, as it should be in the bucket."""
    found = []
    for name, path in files().items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        found.append(Object(published_name(name), path.read_bytes(), kind, FOREVER))
    return found


class Command(BaseCommand):
    """Prints `changed=N`. Files of earlier releases stay, as those may still be serving."""

    help = "upload static files to the static bucket, where they have changed"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        bucket = settings.SHOP.storage.static_bucket
        wanted = objects()
        page = frontend.objects()
        changed = publish(bucket, [*wanted, *page[:-1]])
        # The index last: by then everything that it names is there.
        changed += publish(bucket, page[-1:])
        self.stdout.write(f"changed={changed} files={len(wanted)} bucket={bucket}")
