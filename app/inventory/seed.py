"""Stock for the demonstration."""

from collections.abc import Mapping

from inventory import services
from inventory.models import Stock


def seed(stocks: Mapping[int, int]) -> int:
    """Give each SKU (by id) its stock where it has none yet; the number of SKUs that got one."""
    known = set(Stock.objects.using("default").filter(pk__in=list(stocks)).values_list("pk", flat=True))
    for sku_id, available in sorted(stocks.items()):
        if sku_id not in known:
            services.set_stock(sku_id=sku_id, available=available)
    return len(set(stocks) - known)


def seed_many(stocks: Mapping[int, int]) -> None:
    """The same for thousands at once, telling nobody: for benchmarks, before anything is served."""
    rows = (Stock(sku_id=sku_id, available=available) for sku_id, available in sorted(stocks.items()))
    Stock.objects.using("default").bulk_create(rows, batch_size=2000, ignore_conflicts=True)
