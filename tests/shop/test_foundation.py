"""The tests' own ground: the servers answer."""

from django.test import Client

from tests.shop.conftest import Shop


def test_every_dependency_answers(shop: Shop, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    assert set(answer.json()["dependencies"].values()) == {"ok"}


def test_who_came_by_tls_stays_with_it(client: Client) -> None:
    """Nginx says how the client came: a browser is told only where it makes sense."""
    answer = client.get("/api/v1/client", headers={"X-Forwarded-Proto": "https"})
    assert answer["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in client.get("/api/v1/client")
