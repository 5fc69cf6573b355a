"""What Prometheus may read. There is one process for each host, so the plain registry is enough."""

from collections.abc import Iterable

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core import pools

REQUESTS = Counter("shop_http_requests", "Requests answered.", ["view", "method", "status"])
LATENCY = Histogram(
    "shop_http_request_seconds",
    "Time to answer a request.",
    ["view", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REQUESTS_IN_PROGRESS = Gauge(
    "shop_requests_in_progress", "Requests that have a thread now, the one that reads this included."
)
ORDERS_CREATED = Counter("shop_orders_created", "Orders placed.")
ORDERS_REFUSED = Counter("shop_orders_refused", "Orders refused.", ["code"])
ORDERS_CANCELLED = Counter("shop_orders_cancelled", "Orders cancelled before they were paid.", ["by"])
PAYMENTS = Counter("shop_payments", "Payments that WeChat told of.", ["outcome"])
REFUNDS = Counter("shop_refunds", "Refunds by what became of them.", ["outcome"])
SUSPICIOUS = Counter(
    "shop_payments_suspicious", "Statements of WeChat that can't be true. Look at each.", ["kind"]
)
NOTIFICATIONS_REFUSED = Counter("shop_payment_notifications_refused", "Notifications not accepted.", ["why"])
BILL_DIFFERENCES = Gauge("shop_bill_differences", "Differences to WeChat's bill of the last day compared.")
FLASH_REFUSED = Counter("shop_flash_refused", "Flash sale orders refused.", ["by"])
MESSAGES_HANDLED = Counter("shop_messages_handled", "Messages handled.", ["topic"])
MESSAGES_FAILED = Counter(
    "shop_messages_failed", "Handlings that failed; the message comes again.", ["topic"]
)
MESSAGES_BURIED = Counter("shop_messages_buried", "Messages given up. Look at each.", ["topic", "why"])
MESSAGE_SECONDS = Histogram("shop_message_seconds", "Time to handle a message.", ["topic"])
JOBS_DONE = Counter("shop_jobs_done", "Periodic jobs done.", ["job"])
JOBS_FAILED = Counter("shop_jobs_failed", "Periodic jobs that failed.", ["job"])
CACHE_READS = Counter("shop_catalogue_cache_reads", "Reads of the catalogue's cache.", ["result"])
REPLICA_FALLBACKS = Counter("shop_replica_fallbacks", "Catalogue reads that went to the primary instead.")


class OutboxCollector(Collector):
    """Reads the backlog when asked, as the worker that empties it is another process."""

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering runs no query."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The gauges, and whether they could be read at all: a missing database is not an empty outbox."""
        from outbox.selectors import backlog

        readable = GaugeMetricFamily(
            "shop_outbox_readable", "Whether the outbox could be read (1) or not (0)."
        )
        try:
            found = backlog()
        except DatabaseError:
            readable.add_metric([], 0)
            yield readable
            return
        readable.add_metric([], 1)
        yield readable
        yield GaugeMetricFamily("shop_outbox_pending", "Messages not yet sent.", value=found.pending)
        lag = GaugeMetricFamily("shop_outbox_lag_seconds", "Age of the oldest message not yet sent.")
        lag.add_metric([], found.lag_seconds)
        yield lag


class PoolCollector(Collector):
    """What bounds how much this process can do at once, and how much of it is in use."""

    def describe(self) -> Iterable[Metric]:
        """Nothing: what there is depends on what the process has loaded by then."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The gauges. None of a pool that the process doesn't have."""
        threads = settings.SHOP.web_threads
        if threads:
            yield GaugeMetricFamily("shop_request_threads", "Requests that can have a thread.", value=threads)
        opened = GaugeMetricFamily("shop_mysql_connections", "Connections to MySQL.", labels=["alias"])
        for alias, count in pools.mysql().items():
            opened.add_metric([alias], count)
        yield opened
        there = GaugeMetricFamily(
            "shop_pool_connections", "Connections of a pool.", labels=["server", "state"]
        )
        most = GaugeMetricFamily(
            "shop_pool_connections_max", "Connections that a pool may have.", labels=["server"]
        )
        for server, use in list(pools.POOLS.items()):
            found = use()
            there.add_metric([server, "used"], found.used)
            there.add_metric([server, "idle"], found.idle)
            most.add_metric([server], found.limit)
        yield there
        yield most


REGISTRY.register(OutboxCollector())
REGISTRY.register(PoolCollector())
