"""Whatever a client sends, the answer is a clean 4xx in one shape."""

import json

import pytest
from django.test import Client


def error_of(response) -> dict[str, str]:
    body = response.json()
    assert set(body) == {"error"}
    assert {"code", "message"} <= set(body["error"]) <= {"code", "message", "field"}
    return body["error"]


def send(client: Client, path: str, content: bytes | str, kind: str = "application/json"):
    return client.post(path, content, content_type=kind, headers={"Idempotency-Key": "key-00001"})


@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/cart/items"])
@pytest.mark.parametrize(
    "content",
    [b" ", b"{", b"[1]", b"null", b'{"a": NaN}', b"\xff\xfe", b"[" * 30_000, b"9" * 5000, b'{"a":1}x'],
)
def test_malformed_json(client, path, content):
    refused = send(client, path, content)
    assert refused.status_code == 400
    assert error_of(refused)["code"] == "malformed_json"


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"product_id": "1", "quantity": 1}, "product_id"),
        ({"product_id": True, "quantity": 1}, "product_id"),
        ({"product_id": 2**70, "quantity": 1}, "product_id"),
        ({"product_id": 1}, "quantity"),
        ({"product_id": 1, "quantity": 0}, "quantity"),
        ({"product_id": 1, "quantity": -1}, "quantity"),
        ({"product_id": 1, "quantity": 1.5}, "quantity"),
        ({"product_id": 1, "quantity": 100}, "quantity"),
        ({"product_id": 1, "quantity": 1, "price_fen": 1}, "price_fen"),
    ],
)
def test_bad_cart_items_name_the_field(client, item, field):
    refused = send(client, "/api/v1/cart/items", json.dumps(item))
    assert refused.status_code == 400
    assert error_of(refused)["field"] == field


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], "items"),
        ("all", "items"),
        ([{"product_id": 1, "quantity": 1}] * 51, "items"),
        ([7], "items[0]"),
        ([{"product_id": 1, "quantity": -3}], "items[0].quantity"),
        ([{"product_id": 1, "quantity": 1}, {"product_id": 1, "quantity": 2}], "items[1].product_id"),
        ([{"product_id": 999_999, "quantity": 1}], "items"),
    ],
)
def test_bad_order_items_name_the_field(client, items, field):
    refused = send(client, "/api/v1/orders", json.dumps({"items": items}))
    assert refused.status_code == 400
    assert error_of(refused)["field"] == field


def test_oversized_body(client):
    refused = send(client, "/api/v1/orders", b" " * 70_000)
    assert refused.status_code == 413
    assert error_of(refused)["code"] == "too_large"


def test_forms_are_not_json(client):
    refused = send(client, "/api/v1/cart/items", "product_id=1", kind="application/x-www-form-urlencoded")
    assert refused.status_code == 415
    error_of(refused)


def test_wrong_method_says_which_are_allowed(client):
    refused = client.put("/api/v1/cart/items")
    assert refused.status_code == 405
    assert refused["Allow"] == "POST"
    error_of(refused)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api/v1/products/999999", f"/api/v1/products/{10**30}", "/api/v1/orders/unknown"],
)
def test_what_is_not_there(client, path):
    missing = client.get(path)
    assert missing.status_code == 404
    error_of(missing)


def test_a_product_must_exist_to_be_put_into_the_cart(client):
    refused = send(client, "/api/v1/cart/items", json.dumps({"product_id": 12345, "quantity": 1}))
    assert refused.status_code == 404
    assert error_of(refused)["code"] == "unknown_product"


def test_foreign_host_names_are_refused(client):
    assert error_of(client.get("/", headers={"Host": "evil.example"}))["code"] == "unknown_host"


def test_bad_buyer_token(client):
    refused = client.get("/api/v1/cart", headers={"X-Buyer-Token": "short"})
    assert error_of(refused)["field"] == "X-Buyer-Token"


@pytest.mark.parametrize("review", [{"rating": 6, "text": "好"}, {"rating": 5, "text": " "}, {"rating": 5}])
def test_bad_reviews(client, product, review):
    refused = send(client, f"/api/v1/products/{product()}/reviews", json.dumps(review))
    assert refused.status_code == 400
    error_of(refused)


def test_text_that_cannot_be_stored(client, product):
    refused = send(client, f"/api/v1/products/{product()}/reviews", '{"rating": 5, "text": "\\ud800"}')
    assert error_of(refused)["field"] == "text"


def test_errors_of_ours_say_nothing_about_the_inside(client, product, monkeypatch):
    def broken(**_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("catalog.selectors.products", broken)
    client.raise_request_exception = False
    failed = client.get("/api/v1/products")
    assert failed.status_code == 500
    assert error_of(failed)["code"] == "internal"
    assert b"secret" not in failed.content
