"""Changes of the catalogue and of stock."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from catalog import cache
from catalog.models import Stock
from core.errors import ApiError


def reserve_stock(*, quantities: Mapping[int, int]) -> None:
    """Take stock for an order, all of it or (by the caller's transaction) none.

    The condition is part of the UPDATE, so two orders can't both see the last piece. Rows are taken in the
    order of their identifiers, here and in `record_sales`, so that two orders never wait for each other.
    """
    assert transaction.get_connection("default").in_atomic_block, "a reservation needs a transaction"
    for product_id, quantity in sorted(quantities.items()):
        row = Stock.objects.using("default").filter(pk=product_id, available__gte=quantity)
        if row.update(available=F("available") - quantity) != 1:
            message = f"there are fewer than {quantity} of product {product_id}"
            raise ApiError(409, "out_of_stock", message, field="product_id")


def record_sales(*, quantities: Mapping[int, int]) -> None:
    """Count what a confirmed order sold."""
    for product_id, quantity in sorted(quantities.items()):
        Stock.objects.using("default").filter(pk=product_id).update(sold=F("sold") + quantity)
    transaction.on_commit(cache.invalidate, using="default")


def set_stock(*, product_id: int, available: int) -> None:
    """Set what a stock-taking found."""
    if available < 0:
        raise ApiError(400, "invalid", "stock can't be negative", field="available")
    if not Stock.objects.using("default").filter(pk=product_id).update(available=available):
        raise ApiError(404, "unknown_product", f"there is no product {product_id}", field="product_id")
    transaction.on_commit(cache.invalidate, using="default")
