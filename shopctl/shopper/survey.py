"""What there is to buy, as the shop shows it to anybody: looked at before the first shopper and after the last."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from random import Random
from typing import Any

from shopctl.errors import ShopctlError
from shopctl.shopper.calls import PREFIX
from shopctl.shopper.history import Stock
from shopctl.shopper.people import Assortment, FlashSale, Sku
from shopctl.shopper.phone import Line
from shopctl.shopper.target import read

PRODUCTS, SKUS_OF_EACH, PAGES = 40, 2, 4
_CHINESE = re.compile(r"[一-鿿]{2,}")


def assortment(shop: Line, random: Random, *, products: int = PRODUCTS) -> Assortment:
    """Some of the products that are in stock. Raises ShopctlError when nothing is for sale."""
    categories = _leaves(read(shop, "/categories")["items"])
    first = read(shop, "/products?page=1&page_size=50")
    last = max(1, -(-int(first["total"]) // 50))
    pages = random.sample(range(2, last + 1), min(PAGES - 1, last - 1))
    more = [read(shop, f"/products?page={page}&page_size=50") for page in pages]
    cards = [card for page in (first, *more) for card in page["items"] if card["in_stock"]]
    chosen = random.sample(cards, min(products, len(cards)))
    skus = [sku for card in chosen for sku in _skus(shop, card)]
    if not skus:
        raise ShopctlError("nothing is for sale in the shop", next_step="manage.py seed_demo fills it")
    sales = flash_sales(shop)
    names = [*(str(card["name"]) for card in chosen), *(c["name"] for c in categories)]
    return Assortment(tuple(skus), sales, tuple(str(c["slug"]) for c in categories), words(names))


def flash_sales(shop: Line) -> tuple[FlashSale, ...]:
    """Those that are on."""
    now = datetime.now(UTC)
    return tuple(
        FlashSale(int(s["id"]), int(s["sku_id"]), int(s["left"]), int(s["per_user"]))
        for s in read(shop, "/flash-sales")["items"]
        if datetime.fromisoformat(s["starts_at"]) <= now
    )


def words(names: Iterable[str]) -> tuple[str, ...]:
    """What somebody would type to find something of such a name: the end of its first Chinese words."""
    found = (match.group()[-3:] for name in names if (match := _CHINESE.search(name)))
    return tuple(dict.fromkeys(found))


def counted(shop: Line, before: Assortment, guest: str) -> Stock:
    """The stock of all that may be bought, exactly; see `count`."""
    return Stock(
        count(shop, [sku.id for sku in before.skus], guest),
        {sale.id: sale.left for sale in flash_sales(shop)},
        {sku.id: sku.product_id for sku in before.skus},
    )


def count_again(shop: Line, before: Stock, guest: str) -> Stock:
    """What is left now of what there was before. What is no longer for sale is missing."""
    flash = {sale.id: sale.left for sale in flash_sales(shop)}
    skus = count(shop, list(before.skus), guest)
    return Stock(skus, {sale: flash[sale] for sale in before.flash if sale in flash}, before.products)


def count(shop: Line, skus: Sequence[int], guest: str) -> dict[int, int]:
    """Pieces by SKU. Products' pages may be some seconds old; a guest's cart shows the stock as it is."""
    headers, path = {"X-Guest-Token": guest}, f"{PREFIX}/cart/items"
    shown = _in_cart(shop, headers)
    for sku in set(skus) - set(shown):
        reply = shop.request("PUT", f"{path}/{sku}", headers=headers, body={"quantity": 1})
        if reply.status == 409:
            shown[sku] = 0
        elif reply.status not in {200, 404}:
            raise ShopctlError(f"the stock of SKU {sku} can't be seen: {reply.status} {reply.body}")
    shown |= _in_cart(shop, headers)
    return {sku: shown[sku] for sku in skus if sku in shown}


def guest_of(load: str) -> str:
    """The guest whose cart shows a load's stock, before it, after it and whenever it is checked again."""
    return f"survey-{hashlib.sha256(load.encode()).hexdigest()[:40]}"


def noted(stock: Stock) -> dict[str, Any]:
    """The stock before, as a line of the ledger."""
    parts = {"skus": stock.skus, "flash": stock.flash, "products": stock.products}
    return {name: {str(key): value for key, value in part.items()} for name, part in parts.items()}


def _in_cart(shop: Line, headers: Mapping[str, str]) -> dict[int, int]:
    items = read(shop, "/cart", headers=headers)["items"]
    return {int(item["sku_id"]): int(item["stock"]) for item in items}


def _skus(shop: Line, card: dict[str, Any]) -> list[Sku]:
    page = read(shop, f"/products/{card['id']}")
    there = [sku for sku in page["skus"] if sku["stock"] > 0][:SKUS_OF_EACH]
    return [
        Sku(int(s["id"]), int(page["id"]), str(page["name"]), int(s["price_fen"]), int(s["stock"]))
        for s in there
    ]


def _leaves(categories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [c for top in categories for c in (_leaves(top["children"]) if top.get("children") else [top])]
