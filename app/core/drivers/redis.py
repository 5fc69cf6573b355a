"""Redis: one pool for the process, with short timeouts."""

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.observability.attributes import DB_CLIENT_CONNECTION_STATE
from redis.retry import Retry

from core import pools
from core.once import Once

UNAVAILABLE = (RedisError, OSError)


@Once
def client() -> redis.Redis:
    """The client. RESP 2, because older managed servers don't know RESP 3."""
    server = settings.SHOP.redis
    return redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password or None,
        db=server.database,
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=1,
        socket_timeout=1,
        health_check_interval=30,
        # One more try covers a connection that the server closed; more would only make a dead one slower.
        retry=Retry(NoBackoff(), 1),
    )


def _use() -> pools.Use:
    pool = client().connection_pool
    count = {told[DB_CLIENT_CONNECTION_STATE]: number for number, told in pool.get_connection_count()}
    return pools.Use(count["used"], count["idle"], pool.max_connections)


pools.POOLS["redis"] = _use
