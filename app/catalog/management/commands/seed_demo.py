"""Fill an empty shop with demo products, coupons, freight rules and a flash sale."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.demo.seed import create_missing, upload_pictures
from catalog.models import Product, Sku
from coupons.seed import seed as seed_coupons
from flash.seed import seed as seed_flash_sale
from logistics.seed import seed as seed_freight

# SKU, fen, pieces.
_FLASH = (("DG-003-1", 9_900, 50), ("TE-005-1", 1_990, 100))


def _flash_sales() -> int:
    skus = dict(
        Sku.objects.using("default")
        .filter(code__in=[code for code, _, _ in _FLASH])
        .values_list("code", "pk")
    )
    return sum(
        seed_flash_sale(sku_id=skus[code], price_fen=price, total=total)
        for code, price, total in _FLASH
        if code in skus
    )


def seed() -> int:
    """How many things were made. Pictures first: a product without one should never be on the page."""
    return upload_pictures() + create_missing() + seed_coupons() + seed_freight() + _flash_sales()


class Command(BaseCommand):
    """Prints `changed=N products=N`; a second run changes nothing, and no run resets prices or stock."""

    help = "create the demo products that are missing, their pictures, and what goes with them"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        changed = seed()
        count = Product.objects.using("default").count()
        self.stdout.write(f"changed={changed} products={count}")
