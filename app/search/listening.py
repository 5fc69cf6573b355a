"""What a catalogue process does when it hears a broadcast."""

import logging
import threading
from typing import Any

from django.db import DatabaseError, InterfaceError, connections

from catalog import services
from catalog.models import Sku
from core.drivers.rabbitmq import listen
from inventory import services as inventory
from search.keeper import CHECK_SECONDS, keeper

log = logging.getLogger("shop.catalogue")
_DATABASE = (DatabaseError, InterfaceError)


def heard(topic: str, body: dict[str, Any]) -> None:
    """Drop and read again what a broadcast names. When the database is away the next check will do it."""
    try:
        if topic == services.CHANGED:
            # Once more than the writer did: Redis may have been away for it.
            services.invalidate(body["product_ids"])
            if body["product_ids"]:
                keeper.refresh(body["product_ids"])
            else:
                keeper.check()
        elif topic == inventory.CHANGED:
            skus = Sku.objects.using("default").filter(pk__in=body["sku_ids"])
            services.invalidate(skus.values_list("product", flat=True).distinct())
    except _DATABASE as error:
        log.warning("broadcast %s not followed: %s", topic, error)
    finally:
        connections.close_all()


def check() -> None:
    """Compare the index with the database."""
    try:
        keeper.check()
    except _DATABASE as error:
        log.warning("search index not checked: %s", error)
    finally:
        connections.close_all()


def start() -> threading.Event:
    """Build the index and keep up with the catalogue, in threads that end with the event, or with the process."""
    stop = threading.Event()
    keeper.in_background = True

    def checking() -> None:
        check()
        while not stop.wait(CHECK_SECONDS):
            check()

    def listening() -> None:
        listen(heard=heard, connected=check, stop=stop)

    for work in (checking, listening):
        threading.Thread(target=work, name=f"catalogue-{work.__name__}", daemon=True).start()
    return stop
