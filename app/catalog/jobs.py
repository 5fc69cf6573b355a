"""Periodic work of the catalogue."""

from collections.abc import Iterator

import outbox
from catalog import ratings, services, summary
from catalog.models import Product

BATCH = 500


def _batches() -> Iterator[list[int]]:
    last = 0
    products = Product.objects.using("default").order_by("pk")
    while numbers := list(products.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield numbers
        last = numbers[-1]


@outbox.every(seconds=20)
def refresh_summaries() -> None:
    """Copy sales and stock into the products. What differs is announced, but for numbers sold: those may be older."""
    for numbers in _batches():
        shown = summary.refresh(summary.outdated(numbers))
        if shown:
            services.announce(shown)


@outbox.every(seconds=120)
def refresh_ratings() -> None:
    """Copy the reviews' averages into the products."""
    for numbers in _batches():
        ratings.refresh(numbers)
