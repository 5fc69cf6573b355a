"""Upload the static files that this release refers to."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.publishing import publish_release
from core.static import files


class Command(BaseCommand):
    """Prints `changed=N`. Files of earlier releases stay, as those may still be serving."""

    help = "upload static files to the static bucket, where they have changed"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        changed = publish_release()
        self.stdout.write(
            f"changed={changed} files={len(files())} bucket={settings.SHOP.storage.static_bucket}"
        )
