"""Reading recommendations: what the job found, filled up with best sellers."""

from collections.abc import Sequence

from catalog.lists import best_sellers, category_of
from catalog.schemas import Card
from catalog.selectors import cards
from recommendations import store

LIMIT = 10


def bought_together(product_id: int) -> list[Card]:
    """What goes with a product; best sellers of its category, then of the shop, where orders say too little."""
    (related,) = store.read(store.product_key(product_id))
    found = _cards(related, without=product_id)
    if len(found) < LIMIT:
        category = category_of(product_id)
        if category is not None:
            found = _fill(found, best_sellers(category_id=category, limit=LIMIT + 1), without=product_id)
    return found if len(found) >= LIMIT else _fill(found, _best(), without=product_id)


def for_you(user_id: int | None) -> list[Card]:
    """What a user may like; for guests and new users what is popular."""
    if user_id is None:
        own: list[int] = []
        (popular,) = store.read(store.POPULAR)
    else:
        own, popular = store.read(store.user_key(user_id), store.POPULAR)
    found = _cards(own or popular)
    return found if len(found) >= LIMIT else _fill(found, _best())


def _best() -> list[int]:
    return best_sellers(category_id=None, limit=2 * LIMIT)


def _cards(product_ids: Sequence[int], *, without: int | None = None) -> list[Card]:
    # What went off the shelf since the job's run is missing among the cards, so more are asked for than shown.
    wanted = [number for number in product_ids if number != without]
    return cards(wanted)[:LIMIT]


def _fill(found: list[Card], product_ids: Sequence[int], *, without: int | None = None) -> list[Card]:
    known = {one.id for one in found}
    more = cards([number for number in product_ids if number not in known and number != without])
    return [*found, *more][:LIMIT]
