"""A flash sale for the demonstration."""

from datetime import timedelta

from django.utils import timezone

from flash.models import FlashSale


def seed(*, sku_id: int, price_fen: int, total: int, per_user: int = 1) -> bool:
    """Have a sale of this SKU that is on now and for a week. False when one was there."""
    now = timezone.now()
    if FlashSale.objects.using("default").filter(sku_id=sku_id, ends_at__gt=now).exists():
        return False
    FlashSale.objects.using("default").create(
        sku_id=sku_id,
        price_fen=price_fen,
        starts_at=now,
        ends_at=now + timedelta(days=7),
        total=total,
        left=total,
        per_user=per_user,
    )
    return True
