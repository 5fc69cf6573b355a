"""Reads of flash sales."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from catalog import selectors as catalogue
from core.errors import ApiError
from flash.models import FlashSale

AHEAD = timedelta(days=3)
LISTED = 20


@dataclass(frozen=True)
class Offer:
    """A sale as buyers see it."""

    id: int
    sku_id: int
    product_id: int
    name: str
    image_url: str | None
    price_fen: int
    original_price_fen: int
    starts_at: datetime
    ends_at: datetime
    total: int
    left: int
    per_user: int


def offers() -> list[Offer]:
    """The sales that are on or begin within three days, those ending first first. What isn't for sale is left out."""
    now = timezone.now()
    rows = FlashSale.objects.using("default").filter(ends_at__gt=now, starts_at__lt=now + AHEAD)
    sales = list(rows.order_by("ends_at", "id")[:LISTED])
    skus = catalogue.skus_for_sale(sku_ids=[sale.sku_id for sale in sales]) if sales else {}
    return [
        Offer(
            id=sale.pk,
            sku_id=sale.sku_id,
            product_id=skus[sale.sku_id].product_id,
            name=skus[sale.sku_id].name,
            image_url=catalogue.media_url(skus[sale.sku_id].image_key),
            price_fen=sale.price_fen,
            original_price_fen=skus[sale.sku_id].price_fen,
            starts_at=sale.starts_at,
            ends_at=sale.ends_at,
            total=sale.total,
            left=sale.left,
            per_user=sale.per_user,
        )
        for sale in sales
        if sale.sku_id in skus
    ]


def sale(*, sale_id: int) -> FlashSale:
    """One sale. Raises 404."""
    found = FlashSale.objects.using("default").filter(pk=sale_id).first()
    if found is None:
        raise ApiError(404, "unknown_sale", "there is no such sale")
    return found
