"""Changes of stock. All take rows in the order of SKU ids, so that no two orders wait for each other."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import F

from core.errors import ApiError, invalid
from inventory.models import Stock
from outbox import services as outbox

CHANGED = "inventory.changed"
"""The broadcast's topic: `{"sku_ids": [...]}` came into stock or ran out."""


def reserve(*, quantities: Mapping[int, int]) -> None:
    """Take stock for an order, all of it or (by the caller's transaction) none.

    The condition is part of the UPDATE, so two orders can't both see the last piece. Raises 409 `out_of_stock`.
    """
    _in_transaction()
    for sku_id, quantity in sorted(quantities.items()):
        row = Stock.objects.using("default").filter(pk=sku_id, available__gte=quantity)
        if row.update(available=F("available") - quantity) != 1:
            message = f"there are fewer than {quantity} of SKU {sku_id}"
            raise ApiError(409, "out_of_stock", message, field="items")
    gone = Stock.objects.using("default").filter(pk__in=list(quantities), available=0)
    _tell(gone.values_list("pk", flat=True))


def release(*, quantities: Mapping[int, int]) -> None:
    """Put back what a cancelled order had reserved."""
    _change(quantities, returned=1, sold=0)


def sold(*, quantities: Mapping[int, int]) -> None:
    """Count as sold what a paid order had reserved."""
    _change(quantities, returned=0, sold=1)


def restock(*, quantities: Mapping[int, int]) -> None:
    """Put back what was sold, and never left the house."""
    _change(quantities, returned=1, sold=-1)


def set_stock(*, sku_id: int, available: int) -> None:
    """Set what a stock-taking found; a new SKU gets its row."""
    if not 0 <= available <= 1_000_000_000:
        raise invalid("available", "must be a whole number from 0 to 1000000000")
    with transaction.atomic(using="default"):
        Stock.objects.using("default").update_or_create(pk=sku_id, defaults={"available": available})
        _tell([sku_id])


def _change(quantities: Mapping[int, int], *, returned: int, sold: int) -> None:
    _in_transaction()
    stocks = Stock.objects.using("default")
    for sku_id, quantity in sorted(quantities.items()):
        stocks.filter(pk=sku_id).update(
            available=F("available") + returned * quantity, sold=F("sold") + sold * quantity
        )
    if returned:
        back = stocks.filter(pk__in=list(quantities)).values_list("pk", "available")
        _tell(sku_id for sku_id, available in back if available == quantities[sku_id])


def _in_transaction() -> None:
    assert transaction.get_connection("default").in_atomic_block, "stock is changed with its order"


def _tell(sku_ids: Iterable[int]) -> None:
    changed = sorted(sku_ids)
    if changed:
        outbox.broadcast(topic=CHANGED, body={"sku_ids": changed})
