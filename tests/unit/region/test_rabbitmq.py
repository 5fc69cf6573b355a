"""RabbitMQ's configuration and requests as text."""

import json

import pytest

from region.services import rabbitmq_config
from region.services.rabbitmq_api import Answer, answer, path, request


@pytest.mark.parametrize(
    ("spec", "memory"),
    [
        ("rabbit-vip-basic-1", 256),
        ("rabbit-vip-basic-2", 512),
        ("rabbit-vip-basic-8", 1024),
        ("odd", 256),
        (None, 256),
    ],
)
def test_a_nodes_memory_follows_its_specification(spec: str | None, memory: int) -> None:
    assert rabbitmq_config.memory_mb(spec) == memory


def test_a_nodes_memory_is_limited() -> None:
    lines = rabbitmq_config.config(256).splitlines()
    assert "vm_memory_high_watermark.absolute = 256MB" in lines


def test_a_node_begins_with_the_regions_user_alone_and_its_password_is_hashed() -> None:
    text = rabbitmq_config.definitions("secret")
    assert [user["name"] for user in json.loads(text)["users"]] == ["region"]
    assert "secret" not in text


def test_password_hash_is_rabbitmqs() -> None:
    # The worked example of https://www.rabbitmq.com/docs/passwords#computing-password-hash.
    salt = bytes.fromhex("908DC60A")
    assert rabbitmq_config.password_hash("test12", salt) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_a_password_is_told_by_its_hash() -> None:
    kept = rabbitmq_config.password_hash("test12", b"salt")
    assert rabbitmq_config.opens(kept, "test12")
    assert not rabbitmq_config.opens(kept, "test13")
    assert not rabbitmq_config.opens("", "test12")


def test_names_in_paths_are_escaped() -> None:
    assert path("permissions", "/", "a b/c") == "permissions/%2F/a%20b%2Fc"


def test_a_request_keeps_its_body_in_one_option() -> None:
    text = request("PUT", "users/shop", "secret", {"password": 'a"b\\c\n'})
    assert text.splitlines() == [
        'url = "http://127.0.0.1:15672/api/users/shop"',
        'request = "PUT"',
        'user = "region:secret"',
        'header = "content-type: application/json"',
        'write-out = "\\n%{http_code}"',
        'max-time = "30"',
        'data-raw = "{\\"password\\": \\"a\\\\\\"b\\\\\\\\c\\\\n\\"}"',
        "silent",
        "show-error",
    ]


@pytest.mark.parametrize(
    ("output", "wanted"),
    [
        ('{"a": 1}\n200', Answer(200, {"a": 1})),
        ("\n204", Answer(204, None)),
        ("not json\n500", Answer(500, "not json")),
        ("", Answer(0, "")),
    ],
)
def test_an_answer_is_read(output: str, wanted: Answer) -> None:
    assert answer(output) == wanted
