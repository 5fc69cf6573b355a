"""Reads of carts."""

from typing import Any

from django.conf import settings

from cart import store
from catalog import selectors as catalogue


def contents(*, buyer: str) -> dict[str, Any]:
    """The cart with names and today's prices. Products no longer on sale are left out."""
    quantities = store.load(buyer)
    products = catalogue.sellable(product_ids=quantities)
    items = [
        {
            "product_id": product_id,
            "name": products[product_id].name,
            "price_fen": products[product_id].price_fen,
            "quantity": quantity,
            "subtotal_fen": products[product_id].price_fen * quantity,
            "image_url": settings.MEDIA_URL + products[product_id].image_key,
        }
        for product_id, quantity in quantities.items()
        if product_id in products
    ]
    total = sum(products[i].price_fen * q for i, q in quantities.items() if i in products)
    return {"items": items, "total_fen": total}


def quantities(*, buyer: str) -> dict[int, int]:
    """What an order made from the cart would contain."""
    stored = store.load(buyer)
    products = catalogue.sellable(product_ids=stored)
    return {product_id: quantity for product_id, quantity in stored.items() if product_id in products}
