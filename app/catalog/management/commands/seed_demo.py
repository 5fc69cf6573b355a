"""Fill an empty shop with demo products."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Product
from catalog.seed import create_missing, upload_pictures


class Command(BaseCommand):
    """Prints `changed=N`; a second run changes nothing."""

    help = "create the demo products that are missing, and their pictures"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command. Pictures first: a product without one should never be on the page."""
        uploaded = upload_pictures()
        created = create_missing()
        count = Product.objects.using("default").count()
        self.stdout.write(f"changed={uploaded + created} products={count}")
