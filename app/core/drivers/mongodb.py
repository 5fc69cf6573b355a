"""MongoDB: reviews and the activity log."""

from typing import Any

from django.conf import settings
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError
from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionClosedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
)

from core import pools
from core.once import Once

UNAVAILABLE = (PyMongoError,)
SILENT = (ConnectionFailure,)
"""The part of it that says that there was no answer."""
CONNECTIONS = 8


class _Pool(ConnectionPoolListener):
    """The driver tells nobody how its pool is used, but what happens there, in whichever thread it does."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._used: set[int] = set()

    def use(self) -> pools.Use:
        """As of now."""
        used = len(self._used)
        return pools.Use(used, max(0, len(self._open) - used), CONNECTIONS)

    def connection_ready(self, event: ConnectionReadyEvent) -> None:
        """One more is open."""
        self._open.add(event.connection_id)

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        """One less, if it ever was open."""
        self._open.discard(event.connection_id)

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        """Somebody uses one."""
        self._used.add(event.connection_id)

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        """Nobody does any more."""
        self._used.discard(event.connection_id)

    def _ignored(self, event: Any) -> None:
        """Opens nothing, and takes nothing into use."""

    # The driver calls every one of them.
    pool_created = pool_ready = pool_cleared = pool_closed = _ignored
    connection_created = connection_check_out_started = connection_check_out_failed = _ignored


@Once
def database() -> Database[dict[str, Any]]:
    """The shop's database. The client connects when it is first used."""
    server, pool = settings.SHOP.mongodb, _Pool()
    options: dict[str, Any] = {}
    if server.user:
        options = {"username": server.user, "password": server.password, "authSource": server.auth_source}
        if server.auth_mechanism:
            options["authMechanism"] = server.auth_mechanism
    client: MongoClient[dict[str, Any]] = MongoClient(
        host=server.host,
        port=server.port,
        serverSelectionTimeoutMS=1500,
        connectTimeoutMS=1500,
        socketTimeoutMS=2000,
        maxPoolSize=CONNECTIONS,
        event_listeners=[pool],
        # Not every server that speaks the protocol has sessions, and nothing here needs a retried write:
        # each document's _id is made by the writer.
        retryWrites=False,
        **options,
    )
    # There is one server, and so one pool: with several its members would count apart.
    pools.POOLS["mongodb"] = pool.use
    return client[server.database]
