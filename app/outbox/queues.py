"""How many messages RabbitMQ has, as the worker last saw it. Only the worker loads this, so only it tells."""

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.drivers import rabbitmq
from core.drivers.rabbitmq import Broker

log = logging.getLogger("shop.worker")
EVERY_SECONDS = 15.0
STALE_SECONDS = 60.0
"""What is older is told no more: RabbitMQ has gone silent, or who looks is stuck."""


@dataclass(frozen=True)
class _Seen:
    at: float
    depths: Mapping[str, int]


class QueueCollector(Collector):
    """Tells what `look` saw. A scrape asks nobody: a connection to RabbitMQ belongs to one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: _Seen | None = None
        self._again = -math.inf

    def look(self, broker: Broker) -> None:
        """Ask the broker, unless that was done a moment ago. Raises what its connection does when it is lost."""
        now = self._clock()
        if now < self._again:
            return
        self._again = now + EVERY_SECONDS
        try:
            self._seen = _Seen(now, broker.depths())
        except rabbitmq.GONE as error:
            # Whoever looks sends messages too, which may well go to other queues.
            self._seen = None
            log.warning("queues not readable: %s", error)

    def forget(self) -> None:
        """RabbitMQ is away: nothing is known of its queues, until `look` is called again."""
        self._seen, self._again = None, -math.inf

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is depends on what was seen."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The gauges, and whether the queues could be read at all: a missing broker has no empty queues."""
        seen = self._seen
        known = seen is not None and self._clock() - seen.at <= STALE_SECONDS
        yield GaugeMetricFamily(
            "shop_queue_readable", "Whether RabbitMQ's queues could be read (1) or not (0).", value=known
        )
        if seen is None or not known:
            return
        depth = GaugeMetricFamily("shop_queue_messages", "Messages ready in a queue.", labels=["queue"])
        for queue, count in seen.depths.items():
            depth.add_metric([queue], count)
        yield depth


collector = QueueCollector()
REGISTRY.register(collector)
