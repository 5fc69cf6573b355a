"""What has to happen when the catalogue changes. Whoever writes its tables calls these, in the same transaction."""

from collections.abc import Iterable

from django.db import transaction

from catalog import summary
from catalog.cached import LISTS, SHELVES, cache, product_tag
from core import memory
from outbox import services as outbox

CHANGED = "catalog.changed"
"""The broadcast's topic: `{"product_ids": [...]}` are new, different, or gone; without any, the shelves changed."""
_NAMED = 200


def product_changed(product_id: int) -> None:
    """A product, its SKUs or its pictures were saved or deleted: every answer shows it from the commit on."""
    products_changed([product_id])


def products_changed(product_ids: Iterable[int]) -> None:
    """The same for several."""
    numbers = sorted(set(product_ids))
    with transaction.atomic(using="default"):
        summary.refresh(numbers)
        announce(numbers)


def announce(numbers: list[int]) -> None:
    """Drop what is cached of these products, here after the commit and in every process by a broadcast."""
    if not numbers:
        return
    with transaction.atomic(using="default"):
        for start in range(0, len(numbers), _NAMED):
            body = {"product_ids": numbers[start : start + _NAMED]}
            outbox.broadcast(topic=CHANGED, body=body)
        transaction.on_commit(lambda: invalidate(numbers), using="default")


def shelves_changed() -> None:
    """A category or a banner was saved or deleted."""
    with transaction.atomic(using="default"):
        outbox.broadcast(topic=CHANGED, body={"product_ids": []})
        transaction.on_commit(lambda: _drop(SHELVES, LISTS), using="default")


def invalidate(product_ids: Iterable[int]) -> None:
    """Serve nothing that was made of these products before now."""
    _drop(LISTS, *(product_tag(number) for number in product_ids))


def _drop(*tags: str) -> None:
    cache.invalidate(*tags)
    memory.forget()
