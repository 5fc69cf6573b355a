"""What a process tells of its threads and its connections, held against what really is in use."""

import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from core import pools
from core.drivers import mongodb, redis
from shop.environment import EnvironmentVariablesError, read
from tests.shop.away import caught_up
from tests.shop.conftest import APP, forget_clients
from tests.shop.live import Live
from tests.shop.outbox.conftest import eventually

Labels = tuple[tuple[str, str], ...]


def told() -> dict[tuple[str, Labels], float]:
    """Every sample of /metrics."""
    text = Client().get("/metrics").content.decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float | None:
    """One of them, or None."""
    return told().get((name, tuple(sorted(labels.items()))))


@contextmanager
def begun(live: Live) -> Iterator[socket.socket]:
    """A login whose body has not come yet: who serves it waits for that."""
    address = urlsplit(live.url)
    with socket.create_connection((address.hostname, address.port), 60) as line:
        head = f"POST /api/v1/auth/wechat HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n"
        line.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n".encode())
        yield line


def answer(line: socket.socket) -> bytes:
    """Send the body; the status line."""
    line.sendall(b"{}")
    with line.makefile("rb") as said:
        return said.read().split(b"\r\n")[0]


def test_requests_that_are_held_open_are_in_progress_until_they_are_answered(live: Live) -> None:
    # Who asks is a request too; one of an earlier test's may still be at its end.
    eventually(lambda: value("shop_requests_in_progress") == 1)
    with ExitStack() as stack:
        lines = [stack.enter_context(begun(live)) for _ in range(5)]
        eventually(lambda: value("shop_requests_in_progress") == 6)
        assert [answer(line).split()[1][:1] for line in lines[:3]] == [b"4"] * 3
        eventually(lambda: value("shop_requests_in_progress") == 3)
        assert [answer(line).split()[1][:1] for line in lines[3:]] == [b"4"] * 2
    eventually(lambda: value("shop_requests_in_progress") == 1)


def test_who_leaves_does_not_stay_in_progress(live: Live) -> None:
    eventually(lambda: value("shop_requests_in_progress") == 1)
    with begun(live):
        eventually(lambda: value("shop_requests_in_progress") == 2)
    eventually(lambda: value("shop_requests_in_progress") == 1)


def test_a_web_process_tells_how_many_threads_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, web_threads=8))
    assert value("shop_request_threads") == 8
    # One that has none, as the worker, is not one whose threads are all busy.
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, web_threads=0))
    assert value("shop_request_threads") is None


@pytest.mark.parametrize(("said", "threads"), [({}, 8), ({"SHOP_WEB_THREADS": "3"}, 3)])
def test_the_server_has_as_many_threads_as_the_process_tells(
    tmp_path: Path, said: dict[str, str], threads: int
) -> None:
    server = tmp_path / "granian"
    # In the place of the server: what it was told, and what the shop reads there.
    server.write_text(
        f"#!/bin/sh\nwhile [ $1 != --blocking-threads ]; do shift; done\necho $2\n"
        f"exec {sys.executable} -c 'from shop.settings_test import SHOP; print(SHOP.web_threads)'\n"
    )
    server.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if name != "SHOP_WEB_THREADS"}
    environment = {**inherited, "PATH": f"{tmp_path}:{os.environ['PATH']}", **said}
    argv = [APP / "bin/web"]
    done = subprocess.run(argv, env=environment, cwd=APP, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(threads)] * 2


@pytest.mark.parametrize("text", ["many", "-1", "1025"])
def test_what_cannot_be_a_number_of_threads_is_refused(text: str) -> None:
    with pytest.raises(EnvironmentVariablesError, match="SHOP_WEB_THREADS must be a whole number"):
        read({"SHOP_WEB_THREADS": text})


def _as_the_servers_tell() -> dict[str, float]:
    found = {}
    for alias in ("default", "replica"):
        with connections[alias].cursor() as cursor:
            mine = [settings.DATABASES[alias][word] for word in ("NAME", "USER")]
            cursor.execute(
                "SELECT COUNT(*) FROM information_schema.processlist WHERE db = %s AND user = %s", mine
            )
            (found[alias],) = cursor.fetchone()
    return found


def _as_the_shop_tells() -> dict[str, float]:
    return {alias: value("shop_mysql_connections", alias=alias) or 0 for alias in ("default", "replica")}


def test_as_many_connections_to_mysql_are_told_as_mysql_has() -> None:
    # Those of earlier tests' threads are open until then.
    gc.collect()
    caught_up()
    before = _as_the_shop_tells()
    # Closed connections may be a moment longer in the server's list.
    eventually(lambda: _as_the_servers_tell() == before)
    assert all(before.values())
    opened, leave = threading.Barrier(4), threading.Event()

    def hold(alias: str) -> None:
        connections[alias].ensure_connection()
        opened.wait(60)
        leave.wait(60)
        connections[alias].close()

    holding = [threading.Thread(target=hold, args=(alias,)) for alias in ("default", "default", "replica")]
    for thread in holding:
        thread.start()
    try:
        opened.wait(60)
        now = _as_the_shop_tells()
        assert [now[alias] - before[alias] for alias in now] == [2, 1]
        assert _as_the_servers_tell() == now
    finally:
        leave.set()
        for thread in holding:
            thread.join(60)
    assert _as_the_shop_tells() == before
    eventually(lambda: _as_the_servers_tell() == before)


def test_a_thread_that_ends_takes_its_connections_out_of_the_count() -> None:
    gc.collect()
    caught_up()
    before = _as_the_shop_tells()
    seen: list[float] = []

    def leave_it_open() -> None:
        connections["default"].ensure_connection()
        seen.append(pools.mysql()["default"])

    thread = threading.Thread(target=leave_it_open)
    thread.start()
    thread.join(60)
    assert seen == [before["default"] + 1]
    # Until then it is open indeed.
    gc.collect()
    assert _as_the_shop_tells() == before
    eventually(lambda: _as_the_servers_tell() == before)


def _pool(server: str) -> dict[str, float | None]:
    found = {state: value("shop_pool_connections", server=server, state=state) for state in ("used", "idle")}
    return {**found, "max": value("shop_pool_connections_max", server=server)}


def test_connections_to_redis_that_are_held_are_in_use() -> None:
    forget_clients()
    redis.client().ping()
    assert _pool("redis") == {"used": 0, "idle": 1, "max": 100}
    with redis.client().pubsub() as first, redis.client().pubsub() as second:
        first.subscribe("a")
        second.subscribe("b")
        assert _pool("redis") == {"used": 2, "idle": 0, "max": 100}
    assert _pool("redis") == {"used": 0, "idle": 2, "max": 100}


class _Held(Mapping[str, int]):
    """Part of a query that takes its time to be written, which happens on the connection that it goes by."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __iter__(self) -> Iterator[str]:
        self.reached.set()
        assert self.go_on.wait(60)
        return iter(("$exists",))

    def __len__(self) -> int:
        return 1

    def __getitem__(self, name: str) -> int:
        return 1


def test_connections_to_mongodb_that_are_held_are_in_use() -> None:
    forget_clients()
    mongodb.database().client.admin.command("ping")
    assert _pool("mongodb") == {"used": 0, "idle": 1, "max": mongodb.CONNECTIONS}
    held = [_Held() for _ in range(3)]

    def ask(one: _Held) -> None:
        mongodb.database()["none"].find_one({"a": {"b": one}})

    asking = [threading.Thread(target=ask, args=(one,)) for one in held]
    for thread in asking:
        thread.start()
    try:
        assert all(one.reached.wait(60) for one in held)
        assert _pool("mongodb") == {"used": 3, "idle": 0, "max": mongodb.CONNECTIONS}
    finally:
        for one in held:
            one.go_on.set()
        for thread in asking:
            thread.join(60)
    assert _pool("mongodb") == {"used": 0, "idle": 3, "max": mongodb.CONNECTIONS}
    mongodb.database().client.close()
    assert _pool("mongodb") == {"used": 0, "idle": 0, "max": mongodb.CONNECTIONS}
    forget_clients()


@pytest.mark.parametrize(("group", "there"), [("trade", False), ("service", True)])
def test_a_group_that_does_not_use_mongodb_has_no_pool_of_it(group: str, there: bool) -> None:
    code = (
        "import django; django.setup()\n"
        "import shop.wsgi\n"
        "from django.conf import settings\n"
        "from shop.needs import Part, USES\n"
        "if Part.MONGODB in USES[settings.SHOP.group]:\n"
        "    from core.drivers import mongodb; mongodb.database()\n"
        "from core.metrics import PoolCollector\n"
        "found = {s.labels['server'] for f in PoolCollector().collect() for s in f.samples "
        "if s.name == 'shop_pool_connections_max'}\n"
        "print(sorted(found))\n"
    )
    environment = {**os.environ, "SHOP_GROUP": group, "DJANGO_SETTINGS_MODULE": "shop.settings_test"}
    argv = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(argv, env=environment, cwd=APP, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(["mongodb", "redis"] if there else ["redis"])
