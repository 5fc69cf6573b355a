"""A gate in Redis that turns most of a rush away before MySQL is asked.

It counts the pieces down from what MySQL had left a moment ago, and lets a few more through than there are, because
some of those who get through buy nothing. It only ever sheds load: MySQL decides. What leaks out of the count, as when
a process is killed between gate and order, is forgotten when the count is made anew after a few seconds.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core import metrics
from core.breaker import Breaker
from core.drivers import redis
from core.errors import ApiError
from flash.models import FlashSale

log = logging.getLogger("shop.flash")
SECONDS = 3
SURPLUS = 10
_breaker = Breaker(seconds=2)
# Takes ARGV[1] from the count: 1 when there was enough, 0 when not, -1 when there is no count.
_TAKE = """
local left = redis.call('GET', KEYS[1])
if not left then return -1 end
if tonumber(left) < tonumber(ARGV[1]) then return 0 end
redis.call('DECRBY', KEYS[1], ARGV[1])
return 1
"""
# Gives to a count that is there; one that was made by this would never end.
_GIVE = (
    "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('INCRBY', KEYS[1], ARGV[1]) end return 0"
)


def _name(sale_id: int) -> str:
    return f"flash:{sale_id}"


def passes(*, sale_id: int, quantity: int) -> bool:
    """Whether it is worth asking MySQL. Without Redis it always is."""
    if not _breaker.closed():
        return True
    try:
        taken = redis.client().eval(_TAKE, 1, _name(sale_id), quantity)
        if taken == -1:
            left = (
                FlashSale.objects.using("default").filter(pk=sale_id).values_list("left", flat=True).first()
            )
            count = left + SURPLUS if left else 0
            redis.client().set(_name(sale_id), count, ex=SECONDS, nx=True)
            taken = redis.client().eval(_TAKE, 1, _name(sale_id), quantity)
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("a flash sale without its gate: %s", error)
        return True
    return taken != 0


@contextmanager
def entered(sale: FlashSale | None, quantity: int) -> Iterator[None]:
    """Go through the sale's gate, if there is a sale, and back when the block raises. Raises 409 `sold_out`."""
    if sale is None:
        yield
        return
    if not passes(sale_id=sale.pk, quantity=quantity):
        metrics.FLASH_REFUSED.labels("gate").inc()
        raise ApiError(409, "sold_out", "there is nothing left")
    try:
        yield
    except BaseException:
        hand_back(sale_id=sale.pk, quantity=quantity)
        raise


def hand_back(*, sale_id: int, quantity: int) -> None:
    """Somebody got through and bought nothing: let another one through."""
    _quietly(lambda: redis.client().eval(_GIVE, 1, _name(sale_id), quantity))


def reopen(*, sale_id: int) -> None:
    """Pieces came back: have the count made anew."""
    _quietly(lambda: redis.client().delete(_name(sale_id)))


def _quietly(act: Callable[[], object]) -> None:
    try:
        act()
    except redis.UNAVAILABLE as error:
        # The count is made anew in a few seconds anyway.
        log.warning("a flash sale's gate was not told: %s", error)
