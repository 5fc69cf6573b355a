"""Changes of carts."""

from collections.abc import Iterable

from cart import store
from cart.store import MAX_LINES, MAX_QUANTITY, Outcome
from catalog import selectors as catalogue
from core.errors import ApiError
from inventory import selectors as inventory


def add(*, owner: str, sku_id: int, quantity: int) -> None:
    """Put more of a SKU into the cart. Raises 404, and 409 `not_enough_stock`, `too_many` or `cart_full`."""
    _put(owner, sku_id, quantity, adding=True)


def change(*, owner: str, sku_id: int, quantity: int) -> None:
    """Have exactly so many of a SKU in the cart. Raises as `add`."""
    _put(owner, sku_id, quantity, adding=False)


def drop(*, owner: str, sku_ids: Iterable[int]) -> None:
    """Take SKUs out of the cart; they may already be gone."""
    store.drop(owner, sku_ids)


def merge(*, guest_key: str, user_key: str) -> int:
    """Move a guest's cart into the user's, as at login: the number of SKUs moved. Repeating it moves nothing more.

    Quantities of one SKU are summed up to 99; SKUs above the hundredth are left out.
    """
    return store.merge(guest=guest_key, user=user_key)


def _put(owner: str, sku_id: int, quantity: int, *, adding: bool) -> None:
    if sku_id not in catalogue.skus_for_sale(sku_ids=[sku_id]):
        raise ApiError(404, "not_found", "this is not for sale", field="sku_id")
    stock = inventory.available(sku_ids=[sku_id])[sku_id]
    outcome = store.put(owner, sku_id=sku_id, quantity=quantity, adding=adding, most=stock)
    if outcome is Outcome.FULL:
        raise ApiError(409, "cart_full", f"a cart holds at most {MAX_LINES} different things")
    if outcome is Outcome.MANY and stock < MAX_QUANTITY:
        raise ApiError(409, "not_enough_stock", f"there are {stock} left", field="quantity")
    if outcome is Outcome.MANY:
        raise ApiError(409, "too_many", f"a cart holds at most {MAX_QUANTITY} of one thing", field="quantity")
