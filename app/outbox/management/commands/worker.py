"""Run the worker until SIGTERM."""

import signal
import threading
from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from outbox import exposition, registry, worker


class Command(BaseCommand):
    """Stops between two messages, within a few seconds of being told."""

    # `prepare` has made them for this release, and they load every address of the shop.
    requires_system_checks: list[str] = []
    help = "send the outbox, handle messages and do periodic jobs"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be said on the command line."""
        parser.add_argument(
            "--metrics-port",
            type=int,
            default=8009,
            help="on 127.0.0.1, where there is no SHOP_SOCKET; 0 for none",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        registry.discover()
        address = settings.SHOP.socket or options["metrics_port"]
        with exposition.serving(address) if address else nullcontext():
            worker.run(stop)
