"""Liveness, readiness, metrics, request identifiers."""

import io
import json
import logging
import re
import time

import pytest
from django.test import Client

from core import readiness
from core.logs import JsonFormatter


def test_alive_needs_nothing_and_no_host_name(redis_down):
    answered = Client().get("/healthz", headers={"Host": "10.77.1.4:8000"})
    assert (answered.status_code, answered.json()) == (200, {"alive": True})


def test_ready_while_only_spare_dependencies_are_down(client):
    """RabbitMQ and MongoDB are at closed ports here: orders wait in the outbox, so the host can serve."""
    started = time.monotonic()
    answered = client.get("/readyz")
    assert time.monotonic() - started < 3
    found = answered.json()
    assert (answered.status_code, found["ready"], found["degraded"]) == (200, True, True)
    states = found["dependencies"]
    assert {name for name, state in states.items() if state == "ok"} == {"mysql", "redis", "s3"}
    assert set(states) == {"mysql", "redis", "s3", "rabbitmq", "mongodb"}


def test_not_ready_without_a_needed_dependency(client, redis_down):
    answered = client.get("/readyz")
    assert answered.status_code == 503
    assert answered.json()["ready"] is False
    assert "refused" in answered.json()["dependencies"]["redis"]
    assert answered.json()["dependencies"]["mysql"] == "ok"


def test_a_dependency_that_hangs_does_not_hang_the_probe(monkeypatch):
    monkeypatch.setattr(readiness, "DEADLINE", 0.2)
    started = time.monotonic()
    found = readiness.examine({"mysql": lambda: time.sleep(1), "redis": lambda: None})
    assert time.monotonic() - started < 0.8
    assert found.dependencies == {"mysql": "no answer within 0.2 s", "redis": "ok"}
    assert not found.ready


def _metric(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_count_requests_orders_and_what_waits(client, product, order):
    refused = 'shop_orders_refused_total{code="out_of_stock"}'
    listed = 'shop_http_requests_total{method="GET",status="200",view="products"}'
    before = client.get("/metrics").content.decode()
    tea = product(stock=2)
    order([(tea, 2)])
    order([(tea, 1)], key="key-00002")
    client.get("/api/v1/products")
    after = client.get("/metrics").content.decode()
    grown = [_metric(after, name) - _metric(before, name) for name in (refused, listed)]
    assert grown == [1, 1]
    assert _metric(after, "shop_orders_created_total") - _metric(before, "shop_orders_created_total") == 1
    assert _metric(after, "shop_outbox_pending") == 1
    assert _metric(after, "shop_outbox_readable") == 1
    assert "shop_http_request_seconds_bucket" in after


def test_made_up_addresses_do_not_become_labels(client):
    client.get("/made-up-address")
    text = client.get("/metrics").content.decode()
    assert "made-up-address" not in text
    assert 'view="unmatched"' in text


@pytest.mark.parametrize(("sent", "kept"), [("abc-123", True), ("bad id\n", False), ("x" * 65, False)])
def test_request_identifier_is_kept_when_it_is_one(client, sent, kept):
    received = client.get("/api/v1/products", headers={"X-Request-ID": sent})["X-Request-ID"]
    assert (received == sent) is kept
    assert received


def test_log_lines_are_json_with_the_request_identifier(client):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(environment="unit", release="r1"))
    logger = logging.getLogger("shop.request")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        client.get("/api/v1/products", headers={"X-Request-ID": "trace-7"})
        client.get("/healthz")
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert line["request_id"] == "trace-7"
    assert (line["path"], line["status"], line["release"]) == ("/api/v1/products", 200, "r1")
