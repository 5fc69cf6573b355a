"""Reads of carts."""

from dataclasses import dataclass

from cart import store
from catalog import selectors as catalogue
from inventory import selectors as inventory


@dataclass(frozen=True)
class CartLine:
    """A SKU in a cart at today's price. `available`: its stock is enough for the quantity."""

    sku_id: int
    product_id: int
    name: str
    attributes: dict[str, str]
    image_url: str | None
    price_fen: int
    quantity: int
    subtotal_fen: int
    stock: int
    available: bool


@dataclass(frozen=True)
class Cart:
    """What the cart's page shows. `total_fen` and `count` (of pieces) are of what is available."""

    items: tuple[CartLine, ...]
    total_fen: int
    count: int


def contents(*, owner: str) -> Cart:
    """The cart with today's prices and stock. What is no longer for sale is left out, until it is again."""
    held = store.load(owner)
    if not held:
        return Cart((), 0, 0)
    skus = catalogue.skus_for_sale(sku_ids=held)
    stock = inventory.available(sku_ids=skus)
    lines = tuple(
        CartLine(
            sku_id=sku_id,
            product_id=skus[sku_id].product_id,
            name=skus[sku_id].name,
            attributes=skus[sku_id].attributes,
            image_url=catalogue.media_url(skus[sku_id].image_key),
            price_fen=skus[sku_id].price_fen,
            quantity=quantity,
            subtotal_fen=skus[sku_id].price_fen * quantity,
            stock=stock[sku_id],
            available=stock[sku_id] >= quantity,
        )
        for sku_id, quantity in held.items()
        if sku_id in skus
    )
    ready = [line for line in lines if line.available]
    return Cart(lines, sum(line.subtotal_fen for line in ready), sum(line.quantity for line in ready))


def quantities(*, owner: str) -> dict[int, int]:
    """What an order made from the cart contains: each SKU that is still for sale, with its quantity."""
    held = store.load(owner)
    skus = catalogue.skus_for_sale(sku_ids=held) if held else {}
    return {sku_id: quantity for sku_id, quantity in held.items() if sku_id in skus}
