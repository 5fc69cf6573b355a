"""What an order of some SKUs would contain and cost: for the page before the order, and for the order itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog import selectors as catalogue
from catalog.selectors import SkuForSale
from core.errors import ApiError, invalid
from logistics import selectors as logistics
from orders import pricing


@dataclass(frozen=True)
class Ware:
    """A SKU with the quantity and the price at which it is ordered, which in a flash sale isn't the catalogue's."""

    sku: SkuForSale
    quantity: int
    price_fen: int

    @property
    def item(self) -> pricing.Item:
        """What the price is made from."""
        return pricing.Item(self.price_fen, self.quantity, self.sku.weight_grams)


def wares(*, quantities: Mapping[int, int], prices: Mapping[int, int] | None = None) -> list[Ware]:
    """The SKUs in the order of their ids. `prices` go before the catalogue's. Raises 400 for one not on sale."""
    found = catalogue.skus_for_sale(sku_ids=quantities)
    for sku_id in sorted(quantities):
        if sku_id not in found:
            raise invalid("items", f"SKU {sku_id} is not for sale")
    special = prices or {}
    return [
        Ware(found[sku_id], quantity, special.get(sku_id, found[sku_id].price_fen))
        for sku_id, quantity in sorted(quantities.items())
    ]


def freight(*, wares: list[Ware], province: str) -> int:
    """What sending them there costs, in fen."""
    items = [ware.item for ware in wares]
    return logistics.freight(
        province=province, goods_fen=pricing.goods(items), weight_grams=pricing.weight(items)
    )


def price(*, wares: list[Ware], freight_fen: int, discount_fen: int) -> pricing.Price:
    """Add everything up. Raises 409 `unpayable` for a sum that nobody can pay."""
    items = [ware.item for ware in wares]
    try:
        return pricing.price(items=items, freight_fen=freight_fen, discount_fen=discount_fen)
    except pricing.Unpayable as error:
        raise ApiError(409, "unpayable", str(error)) from error
