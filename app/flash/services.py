"""Taking pieces of a flash sale, and giving them back. Both belong to the transaction of an order."""

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from core import metrics
from core.errors import ApiError
from flash import gate
from flash.models import FlashPurchase, FlashSale


def take(*, sale_id: int, user_id: int, order_number: str, quantity: int) -> None:
    """Take pieces for an order. Raises 409 `sold_out`, `not_on_sale` or `flash_limit`.

    The conditional UPDATE is the truth, whatever Redis says. It also holds the sale's row until the order is written,
    so that what a user has bought can be counted without two requests of theirs passing each other.
    """
    assert transaction.get_connection("default").in_atomic_block, "pieces are taken with their order"
    now = timezone.now()
    sales = FlashSale.objects.using("default").filter(pk=sale_id)
    running = sales.filter(starts_at__lte=now, ends_at__gt=now)
    if running.filter(left__gte=quantity).update(left=F("left") - quantity) != 1:
        metrics.FLASH_REFUSED.labels("mysql").inc()
        if running.exists():
            raise ApiError(409, "sold_out", "there is nothing left")
        raise ApiError(409, "not_on_sale", "the sale has not begun, or is over")
    taken = FlashPurchase.objects.using("default").filter(sale_id=sale_id, user_id=user_id, released_at=None)
    has = taken.aggregate(sum=Sum("quantity"))["sum"] or 0
    per_user = sales.values_list("per_user", flat=True).get()
    if has + quantity > per_user:
        raise ApiError(409, "flash_limit", f"at most {per_user} for each user", field="quantity")
    FlashPurchase.objects.using("default").create(
        sale_id=sale_id, user_id=user_id, order_number=order_number, quantity=quantity, created_at=now
    )


def give_back(*, order_number: str) -> None:
    """Give back what a cancelled order took. Doing it again changes nothing."""
    assert transaction.get_connection("default").in_atomic_block, "pieces go back with their order"
    taken = FlashPurchase.objects.using("default").filter(order_number=order_number, released_at=None)
    purchase = taken.first()
    if purchase is None or taken.update(released_at=timezone.now()) != 1:
        return
    sales = FlashSale.objects.using("default").filter(pk=purchase.sale_id)
    sales.update(left=F("left") + purchase.quantity)
    transaction.on_commit(lambda: gate.reopen(sale_id=purchase.sale_id), using="default")
