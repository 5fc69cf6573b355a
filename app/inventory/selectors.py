"""Reads of stock, from the primary: what can be ordered now."""

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.models import Stock


@dataclass(frozen=True)
class Level:
    """A SKU's stock."""

    available: int
    sold: int


def levels(*, sku_ids: Iterable[int]) -> dict[int, Level]:
    """The stock of each SKU; one that was never counted has none."""
    wanted = set(sku_ids)
    rows = Stock.objects.using("default").filter(pk__in=wanted).values_list("pk", "available", "sold")
    found = {sku_id: Level(available, sold) for sku_id, available, sold in rows}
    return {sku_id: found.get(sku_id, Level(0, 0)) for sku_id in wanted}


def available(*, sku_ids: Iterable[int]) -> dict[int, int]:
    """How many of each SKU can be ordered."""
    return {sku_id: level.available for sku_id, level in levels(sku_ids=sku_ids).items()}
