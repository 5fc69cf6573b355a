"""How the processes of one host listen, what they tell of each other, and the web page that a release carries."""

import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from django.conf import settings
from django.test import Client

from core import frontend
from core.middleware import PROBES
from shop.environment import EnvironmentVariablesError, read
from shop.variables import Address
from tests.shop.conftest import APP


def closed_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Peer(BaseHTTPRequestHandler):
    status = 200
    dependencies: ClassVar[dict[str, str]] = {"mysql": "ok", "mongodb": "ok"}

    def do_GET(self) -> None:
        self.send_response(self.status if self.path in ("/healthz", "/readyz/alone") else 404)
        self.end_headers()
        if self.status == 200:
            self.wfile.write(json.dumps({"dependencies": self.dependencies}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


class _IllPeer(_Peer):
    status = 500


class _WithoutReviews(_Peer):
    dependencies: ClassVar[dict[str, str]] = {
        "mysql": "ok",
        "mongodb": "ServerSelectionTimeoutError: no answer",
    }


class _LockedOut(_Peer):
    dependencies: ClassVar[dict[str, str]] = {"mysql": "OperationalError: Access denied"}


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> Iterator[int]:
    handler = getattr(request, "param", _Peer)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@contextmanager
def on_socket(path: Path, handler: type[BaseHTTPRequestHandler] = _Peer) -> Iterator[None]:
    with socketserver.ThreadingUnixStreamServer(str(path), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield
        server.shutdown()


def with_peers(monkeypatch: pytest.MonkeyPatch, group: str = "all", **peers: Address) -> None:
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, group=group, peers=peers))


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


def test_a_peer_is_asked_where_its_link_leads_at_that_moment(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old, new, link, aside = (tmp_path / name for name in ("old.sock", "new.sock", "trade.sock", "aside"))
    link.symlink_to(old)
    with_peers(monkeypatch, trade=link)
    assert client.get("/hostz").json()["silent"] == ["trade"]
    with on_socket(old, _IllPeer), on_socket(new):
        assert "answered 500" in client.get("/readyz").json()["dependencies"]["trade"]
        aside.symlink_to(new)
        aside.rename(link)
        assert client.get("/readyz").json()["dependencies"]["trade"] == "ok"


def test_a_process_is_ready_by_itself_whatever_its_peers_are(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_peers(monkeypatch, trade=tmp_path / "nobody.sock")
    assert client.get("/readyz").status_code == 503
    answer = client.get("/readyz/alone")
    assert (answer.status_code, answer.json()["degraded"]) == (200, False)
    assert "trade" not in answer.json()["dependencies"]
    assert answer.json()["dependencies"]["mysql"] == "ok"


@pytest.mark.parametrize("path", sorted(PROBES | {"/nowhere", "/api/v1/home", "/admin/login/"}))
def test_every_answer_names_its_release(client: Client, path: str) -> None:
    assert client.get(path)["X-Shop-Release"] == "unit-test"


@pytest.mark.parametrize(
    ("group", "asked"),
    [
        ("catalogue", {"mysql", "replica", "redis", "rabbitmq"}),
        ("trade", {"mysql", "replica", "redis"}),
        ("user", {"mysql", "replica", "redis"}),
        ("service", {"mysql", "replica", "redis", "mongodb", "s3"}),
        ("admin", {"mysql", "replica", "redis", "mongodb", "s3"}),
    ],
)
def test_a_process_asks_what_it_uses(
    client: Client, monkeypatch: pytest.MonkeyPatch, group: str, asked: set[str]
) -> None:
    with_peers(monkeypatch, group)
    assert set(client.get("/readyz/alone").json()["dependencies"]) == asked


def test_a_host_tells_what_its_processes_use(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    service, admin = tmp_path / "service", tmp_path / "admin"
    with_peers(monkeypatch, "trade", service=service, admin=admin)
    with on_socket(admin), on_socket(service, _WithoutReviews):
        answer = client.get("/readyz")
    # One of them complains, and buyers are served all the same.
    assert (answer.status_code, answer.json()["degraded"]) == (200, True)
    found = answer.json()["dependencies"]
    assert "ServerSelectionTimeoutError" in found.pop("mongodb")
    assert set(found) == {"mysql", "redis", "replica", "service", "admin"}
    assert set(found.values()) == {"ok"}


def test_a_process_that_answers_and_cannot_sell_makes_its_host_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_peers(monkeypatch, "trade", user=tmp_path / "user")
    with on_socket(tmp_path / "user", _LockedOut):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "not ready: mysql: OperationalError: Access denied" in answer.json()["dependencies"]["user"]
    # This process itself is let in.
    assert answer.json()["dependencies"]["mysql"] == "ok"


@pytest.mark.parametrize("group", ["trade", "admin", "worker", "all"])
def test_a_command_sees_every_table_in_whichever_container_it_runs(group: str) -> None:
    code = "from django.apps import apps; print(*apps.app_configs)"
    argv = [sys.executable, str(APP / "manage.py"), "shell", "--no-imports", "--command", code]
    environment = {**os.environ, "SHOP_GROUP": group, "DJANGO_SETTINGS_MODULE": "shop.settings_test"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    assert {"auth", "backoffice", "contenttypes", "orders", "sessions", "users"} <= set(done.stdout.split())


@pytest.mark.parametrize(("group", "spared"), [("trade", True), ("worker", True), ("admin", False)])
def test_a_serving_process_loads_the_admin_only_where_it_is_served(group: str, spared: bool) -> None:
    code = "import shop.wsgi, sys; print('django.contrib.admin' not in sys.modules)"
    environment = {**os.environ, "SHOP_GROUP": group, "DJANGO_SETTINGS_MODULE": "shop.settings_test"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=APP, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(spared)]


def started_with(folder: Path, **environment: str) -> list[str]:
    """What bin/web gives to the server."""
    server = folder / "granian"
    server.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    server.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(
        [APP / "bin/web"], env={"PATH": path, **environment}, capture_output=True, check=True
    )
    return done.stdout.decode().split("\n")


def test_a_web_process_listens_on_its_socket_whatever_a_killed_one_left_there(tmp_path: Path) -> None:
    left = tmp_path / "trade.sock"
    with on_socket(left):
        pass
    assert left.is_socket()
    words = started_with(tmp_path, SHOP_SOCKET=str(left), SHOP_PORT="8002")
    assert words[words.index("--uds") + 1] == str(left)
    assert words[words.index("--uds-permissions") + 1] == "0666"
    assert "--port" not in words
    assert not left.exists()
    # With a limit of its own, the server cuts off what waits beyond it when it is told to stop.
    assert "--backpressure" not in words


def test_a_web_process_without_a_socket_listens_on_its_port_of_loopback(tmp_path: Path) -> None:
    words = started_with(tmp_path, SHOP_PORT="8002")
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--port") + 1] == "8002"
    assert "--uds" not in words


@pytest.mark.parametrize(
    "text", ["trade", "trade:x", "trade:8002;user:8003", ":8002", "trade:run/x.sock", "trade:/" + 107 * "x"]
)
def test_misspelt_peers_are_refused(text: str) -> None:
    with pytest.raises(EnvironmentVariablesError, match="SHOP_PEERS must look like"):
        read({"SHOP_PEERS": text})


@pytest.mark.parametrize("path", ["run/trade.sock", "/run/two words", "/" + 107 * "x"])
def test_what_cannot_be_a_socket_is_refused(path: str) -> None:
    with pytest.raises(EnvironmentVariablesError, match="SHOP_SOCKET must be the whole path"):
        read({"SHOP_SOCKET": path})


def test_peers_are_told_as_sockets_and_as_ports() -> None:
    text = "trade:/var/lib/shop/serving/trade.sock,user:8003"
    found = read({**os.environ, "SHOP_PEERS": text, "SHOP_SOCKET": "/run/shop/1/trade.sock"})
    assert found.peers == {"trade": Path("/var/lib/shop/serving/trade.sock"), "user": 8003}
    assert found.socket == Path("/run/shop/1/trade.sock")


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


def test_the_front_page_is_the_releases_own_and_is_asked_for_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "page", lambda: b"<html>of this release</html>")
    answer = client.get("/")
    assert (answer.status_code, answer.content) == (200, b"<html>of this release</html>")
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    monkeypatch.setattr(frontend, "page", lambda: None)
    assert client.get("/").status_code == 404
