"""Changes of carts."""

from cart import store
from cart.limits import MAX_LINES, MAX_QUANTITY
from catalog import selectors as catalogue
from core.errors import ApiError, invalid


def add_item(*, buyer: str, product_id: int, quantity: int) -> None:
    """Put more of a product into the cart."""
    catalogue.product(product_id=product_id)
    held = store.load(buyer)
    wanted = held.get(product_id, 0) + quantity
    if wanted > MAX_QUANTITY:
        raise invalid("quantity", f"a cart holds at most {MAX_QUANTITY} of one product")
    if product_id not in held and len(held) >= MAX_LINES:
        raise ApiError(409, "cart_full", f"a cart holds at most {MAX_LINES} different products")
    store.put(buyer, product_id, wanted)


def remove_item(*, buyer: str, product_id: int) -> None:
    """Take a product out of the cart; it may already be gone."""
    store.drop(buyer, [product_id])
