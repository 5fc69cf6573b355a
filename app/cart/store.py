"""Carts in Redis: a hash for each owner, from SKU to quantity and time, forgotten after 30 days without a change.

Each change is one script, so that two of them at once can't exceed a limit or lose one another.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from time import time_ns
from typing import cast

from redis import Redis

from core.breaker import Circuit, RestingError
from core.drivers import redis
from core.errors import ApiError

MAX_LINES = 100
MAX_QUANTITY = 99
_SECONDS = 30 * 24 * 3600
circuit = Circuit(seconds=2)

# KEYS: cart. ARGV: SKU, quantity, 1 to add or 0 to replace, most of this SKU, most SKUs, now, seconds to keep.
_PUT = """
local held = redis.call('HGET', KEYS[1], ARGV[1])
if not held and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then return 'full' end
local quantity, since = tonumber(ARGV[2]), ARGV[6]
if held then
  local before, at = string.match(held, '(%d+):(%d+)')
  quantity, since = quantity + tonumber(before) * tonumber(ARGV[3]), at
end
if quantity > tonumber(ARGV[4]) then return 'many' end
redis.call('HSET', KEYS[1], ARGV[1], quantity .. ':' .. since)
redis.call('EXPIRE', KEYS[1], ARGV[7])
return 'done'
"""

# KEYS: guest's cart, user's cart. ARGV: most of each SKU, most SKUs, seconds to keep.
_MERGE = """
local guest = redis.call('HGETALL', KEYS[1])
if #guest == 0 then return 0 end
for i = 1, #guest, 2 do
  local more, since = string.match(guest[i + 1], '(%d+):(%d+)')
  local held = redis.call('HGET', KEYS[2], guest[i])
  if held or redis.call('HLEN', KEYS[2]) < tonumber(ARGV[2]) then
    local quantity = tonumber(more)
    if held then quantity = quantity + tonumber(string.match(held, '(%d+):')) end
    quantity = math.min(quantity, tonumber(ARGV[1]))
    redis.call('HSET', KEYS[2], guest[i], string.format('%d:%s', quantity, since))
  end
end
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('DEL', KEYS[1])
return #guest / 2
"""


class Outcome(Enum):
    """What came of a change."""

    DONE = "done"
    FULL = "full"
    MANY = "many"


def _key(owner: str) -> str:
    return f"cart:{owner}"


@contextmanager
def _reached() -> Iterator[Redis]:
    try:
        with circuit.watching(*redis.UNAVAILABLE):
            yield redis.client()
    except (*redis.UNAVAILABLE, RestingError) as error:
        message = "the cart can't be reached, please try again in a moment"
        raise ApiError(503, "cart_unavailable", message) from error


def load(owner: str) -> dict[int, int]:
    """What is in the cart, what was added last first."""
    with _reached() as client:
        stored = cast("dict[str, str]", client.hgetall(_key(owner)))
    parsed = {int(sku_id): value.split(":") for sku_id, value in stored.items()}
    order = sorted(parsed, key=lambda sku_id: (-int(parsed[sku_id][1]), sku_id))
    return {sku_id: int(parsed[sku_id][0]) for sku_id in order}


def put(owner: str, *, sku_id: int, quantity: int, adding: bool, most: int) -> Outcome:
    """Set a SKU's quantity, or add to it; nothing changes when that would be more than `most`."""
    arguments = (
        sku_id,
        quantity,
        int(adding),
        min(most, MAX_QUANTITY),
        MAX_LINES,
        time_ns() // 1000,
        _SECONDS,
    )
    with _reached() as client:
        return Outcome(client.eval(_PUT, 1, _key(owner), *arguments))


def merge(*, guest: str, user: str) -> int:
    """Move a guest's cart into a user's: the number of SKUs moved. Sums stay below the limits; again moves nothing."""
    with _reached() as client:
        return int(client.eval(_MERGE, 2, _key(guest), _key(user), MAX_QUANTITY, MAX_LINES, _SECONDS))


def drop(owner: str, sku_ids: Iterable[int]) -> None:
    """Take SKUs out."""
    names = [str(sku_id) for sku_id in sku_ids]
    if names:
        with _reached() as client:
            client.hdel(_key(owner), *names)
