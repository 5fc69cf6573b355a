"""Carts in Redis: a hash for each buyer, product to quantity, forgotten after two weeks."""

from collections.abc import Iterable

from core.drivers import redis
from core.errors import ApiError

_SECONDS = 14 * 24 * 3600


def _key(buyer: str) -> str:
    return f"cart:{buyer}"


def _unavailable() -> ApiError:
    return ApiError(503, "cart_unavailable", "the cart can't be reached, please try again in a moment")


def load(buyer: str) -> dict[int, int]:
    """What is in the cart."""
    try:
        stored = redis.client().hgetall(_key(buyer))
    except redis.UNAVAILABLE as error:
        raise _unavailable() from error
    return {int(product): int(quantity) for product, quantity in sorted(dict(stored).items())}


def put(buyer: str, product_id: int, quantity: int) -> None:
    """Set one product's quantity."""
    try:
        with redis.client().pipeline(transaction=True) as pipeline:
            pipeline.hset(_key(buyer), str(product_id), str(quantity))
            pipeline.expire(_key(buyer), _SECONDS)
            pipeline.execute()
    except redis.UNAVAILABLE as error:
        raise _unavailable() from error


def drop(buyer: str, product_ids: Iterable[int]) -> None:
    """Take products out."""
    names = [str(product_id) for product_id in product_ids]
    try:
        if names:
            redis.client().hdel(_key(buyer), *names)
    except redis.UNAVAILABLE as error:
        raise _unavailable() from error
