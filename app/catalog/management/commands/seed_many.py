"""Fill a shop with thousands of products."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog.demo.many import create
from catalog.models import Product


class Command(BaseCommand):
    """Prints `changed=N products=N`; a second run changes nothing."""

    help = "create products without pictures, for benchmarks"

    def add_arguments(self, parser: CommandParser) -> None:
        """How many."""
        parser.add_argument("--products", type=int, default=20_000, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        changed = create(options["products"])
        count = Product.objects.using("default").count()
        self.stdout.write(f"changed={changed} products={count}")
