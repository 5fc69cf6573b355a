"""What the processes of one host tell of each other, and the web page that a release carries."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from core import frontend
from shop.environment import EnvironmentVariablesError, read


def closed_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Peer(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


class _IllPeer(_Peer):
    status = 500


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[int]:
    handler = getattr(request, "param", _Peer)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def with_peers(monkeypatch: pytest.MonkeyPatch, **peers: int) -> None:
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, peers=peers))


def test_a_host_is_alive_while_each_of_its_processes_is(
    client: Client, monkeypatch: pytest.MonkeyPatch, peer: int
) -> None:
    with_peers(monkeypatch, trade=peer)
    assert client.get("/hostz").json() == {"alive": True, "silent": []}
    with_peers(monkeypatch, trade=peer, user=closed_port())
    answer = client.get("/hostz")
    assert (answer.status_code, answer.json()["silent"]) == (503, ["user"])
    # The process itself is as alive as before.
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("peer", [_IllPeer], indirect=True)
def test_a_process_that_answers_an_error_is_not_alive(
    client: Client, monkeypatch: pytest.MonkeyPatch, peer: int
) -> None:
    with_peers(monkeypatch, catalogue=peer)
    assert client.get("/hostz").json()["silent"] == ["catalogue"]


def test_readiness_names_a_silent_process_and_says_whether_it_matters(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_peers(monkeypatch, service=closed_port())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["degraded"]) == (200, True)
    assert "refused" in answer.json()["dependencies"]["service"].lower()
    with_peers(monkeypatch, trade=closed_port())
    assert client.get("/readyz").status_code == 503


@pytest.mark.parametrize("text", ["trade", "trade:x", "trade:8002;user:8003", ":8002"])
def test_misspelt_peers_are_refused(text: str) -> None:
    with pytest.raises(EnvironmentVariablesError, match="SHOP_PEERS must look like"):
        read({"SHOP_PEERS": text})


def test_the_index_of_the_web_page_comes_last_and_is_never_kept(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    for name in ("index.html", "js/app.1a2b.js", "z.css"):
        (tmp_path / name).write_text("x")
    found = frontend.objects(tmp_path)
    assert [one.key for one in found] == ["h5/js/app.1a2b.js", "h5/z.css", "h5/index.html"]
    assert found[-1].cache_control == "no-cache"
    assert all("immutable" in one.cache_control for one in found[:-1])
    assert found[-1].content_type == "text/html; charset=utf-8"
    assert frontend.objects(tmp_path / "nothing") == []
