"""MongoDB: reviews and the activity log."""

from typing import Any

from django.conf import settings
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from core.once import Once

UNAVAILABLE = (PyMongoError,)
SILENT = (ConnectionFailure,)
"""The part of it that says that there was no answer."""


@Once
def database() -> Database[dict[str, Any]]:
    """The shop's database. The client connects when it is first used."""
    server = settings.SHOP.mongodb
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
        maxPoolSize=8,
        # Not every server that speaks the protocol has sessions, and nothing here needs a retried write:
        # each document's _id is made by the writer.
        retryWrites=False,
        **options,
    )
    return client[server.database]
