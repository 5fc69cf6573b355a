"""Refusals that no endpoint makes itself have the documented shape too."""

from typing import Any

import pytest
from django.test import Client

from tests.shop.people import log_in

CART = "/api/v1/cart/items"


def error(answer: Any) -> tuple[int, str]:
    assert set(answer.json()) == {"error"}
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.json()["error"]["code"]


@pytest.mark.parametrize("method", ["get", "patch", "options", "trace"])
def test_a_method_that_an_address_has_not(client: Client, method: str) -> None:
    answer = getattr(client, method)(CART)
    assert error(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_a_body_that_is_too_large(client: Client) -> None:
    answer = client.post(CART, b" " * 70_000, content_type="application/json")
    assert error(answer) == (413, "too_large")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"sku_id": NaN, "quantity": 1}'])
def test_a_body_that_is_no_json(client: Client, body: bytes) -> None:
    status, code = error(client.post(CART, body, content_type="application/json"))
    assert (status, code) in {(400, "malformed_json"), (400, "invalid")}


def test_an_address_that_there_is_not(client: Client) -> None:
    assert error(client.get("/api/v1/nothing")) == (404, "not_found")


def test_answers_to_users_are_not_kept_on_the_way() -> None:
    answer = log_in().client.get("/api/v1/me")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]
