"""What Prometheus may read. There is one process for each host, so the plain registry is enough."""

from collections.abc import Iterable

from django.db import DatabaseError
from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

REQUESTS = Counter("shop_http_requests", "Requests answered.", ["view", "method", "status"])
LATENCY = Histogram(
    "shop_http_request_seconds",
    "Time to answer a request.",
    ["view", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
ORDERS_CREATED = Counter("shop_orders_created", "Orders placed.")
ORDERS_REFUSED = Counter("shop_orders_refused", "Orders refused.", ["code"])
CACHE_READS = Counter("shop_catalogue_cache_reads", "Reads of the catalogue's cache.", ["result"])
REPLICA_FALLBACKS = Counter("shop_replica_fallbacks", "Catalogue reads that went to the primary instead.")


class OutboxCollector(Collector):
    """Reads the backlog when asked, as the worker that empties it is another process."""

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering runs no query."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The gauges, and whether they could be read at all: a missing database is not an empty outbox."""
        from orders.selectors import outbox_backlog

        readable = GaugeMetricFamily(
            "shop_outbox_readable", "Whether the outbox could be read (1) or not (0)."
        )
        try:
            backlog = outbox_backlog()
        except DatabaseError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield GaugeMetricFamily("shop_outbox_pending", "Messages not yet sent.", value=backlog.pending)
        lag = GaugeMetricFamily("shop_outbox_lag_seconds", "Age of the oldest message not yet sent.")
        lag.add_metric([], backlog.lag_seconds)
        yield lag


REGISTRY.register(OutboxCollector())
