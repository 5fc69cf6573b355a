"""Leaving a database server that can't be used any more."""

from django.db import connections


def forget_connections() -> None:
    """Close this thread's connections, so that the next use looks the server's name up again.

    After a failover the old primary may still answer, read-only: a kept connection to it would pass every
    health check and fail every order.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
