"""Run the worker until SIGTERM."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from orders.worker import Worker


class Command(BaseCommand):
    """Stops between two messages, within a few seconds of being told."""

    help = "send the outbox and confirm orders"

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Worker(stop).run()
