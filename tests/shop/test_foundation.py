"""The tests' own ground: the servers answer."""

from django.test import Client

from tests.shop.conftest import Shop


def test_every_dependency_answers(shop: Shop, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert set(answer.json()["dependencies"].values()) == {"ok"}
