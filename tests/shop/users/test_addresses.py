"""Addresses: at most twenty, one default, nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from core.errors import ApiError
from tests.shop.people import log_in
from users import addresses, selectors

HOME = {
    "name": "王小明",
    "phone": "13800138000",
    "province": "广东省",
    "city": "深圳市",
    "district": "南山区",
    "street": "科技园 1 号",
}
URL = "/api/v1/me/addresses"


def _post(client: Client, **changes: Any) -> Any:
    return client.post(URL, {**HOME, **changes}, content_type="application/json")


def _defaults(client: Client) -> list[int]:
    return [one["id"] for one in client.get(URL).json()["items"] if one["is_default"]]


def test_an_address_is_kept_as_it_was_written() -> None:
    person = log_in()
    answer = _post(person.client)
    assert answer.status_code == 201
    made = answer.json()
    assert made == {**HOME, "id": made["id"], "is_default": True}
    assert person.client.get(URL).json() == {"items": [made]}
    changed = person.client.put(
        f"{URL}/{made['id']}", {**HOME, "district": ""}, content_type="application/json"
    )
    assert changed.json() == {**made, "district": ""}
    assert selectors.address(user_id=person.id, address_id=made["id"]).street == "科技园 1 号"


def test_one_address_is_the_default() -> None:
    client = log_in().client
    first, second = _post(client).json()["id"], _post(client).json()["id"]
    assert _defaults(client) == [first]
    third = _post(client, is_default=True).json()["id"]
    assert _defaults(client) == [third]
    client.put(f"{URL}/{second}", {**HOME, "is_default": True}, content_type="application/json")
    assert _defaults(client) == [second]
    # A default is not taken back, only given to another.
    client.put(f"{URL}/{second}", {**HOME, "is_default": False}, content_type="application/json")
    assert _defaults(client) == [second]
    assert client.delete(f"{URL}/{second}").status_code == 204
    assert _defaults(client) == [third]
    client.delete(f"{URL}/{first}")
    client.delete(f"{URL}/{third}")
    assert client.get(URL).json() == {"items": []}
    assert client.delete(f"{URL}/{third}").status_code == 404


def test_somebody_elses_address_does_not_exist() -> None:
    owner, stranger = log_in(), log_in()
    number = _post(owner.client).json()["id"]
    answers = [
        stranger.client.put(f"{URL}/{number}", HOME, content_type="application/json"),
        stranger.client.delete(f"{URL}/{number}"),
        stranger.client.delete(f"{URL}/{2**63 - 1}"),
    ]
    assert [one.status_code for one in answers] == [404, 404, 404]
    with pytest.raises(ApiError) as refused:
        selectors.address(user_id=stranger.id, address_id=number)
    assert refused.value.status == 404
    assert len(owner.client.get(URL).json()["items"]) == 1
    assert Client().get(URL).status_code == 401


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "王" * 41),
        ("name", "王\x00"),
        ("name", "王\ud800"),
        ("name", None),
        ("phone", "1380013800x"),
        ("phone", "1"),
        ("phone", "13800138000\n"),
        ("province", "省" * 21),
        ("city", 7),
        ("street", "号" * 121),
        ("is_default", "perhaps"),
        ("zip", "518000"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    answer = _post(log_in().client, **{field: value})
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"] | {"message": ""} == {"code": "invalid", "message": "", "field": field}


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**63)])
def test_a_wrong_id_is_refused(number: str) -> None:
    assert log_in().client.delete(f"{URL}/{number}").status_code in (400, 404)


def test_the_twenty_first_is_refused_also_when_many_come_at_once() -> None:
    person = log_in()
    draft = addresses.Draft(**HOME, is_default=True)

    def add(_: int) -> int:
        try:
            addresses.add(user_id=person.id, draft=draft)
        except ApiError:
            return 0
        finally:
            connections.close_all()
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(30))) == 20
    assert len(person.client.get(URL).json()["items"]) == 20
    assert len(_defaults(person.client)) == 1
    assert _post(person.client).json()["error"]["code"] == "too_many"
