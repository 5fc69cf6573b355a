"""Streams that come, break and come again: nothing is lost, nothing is told twice."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from shopctl.errors import ShopctlError
from shopctl.logs import choice, follow, reading
from shopctl.logs.entry import Entry
from shopctl.logs.follow import Notice
from shopctl.logs.reading import Past, Wish

# A line that never comes would be waited for.
pytestmark = pytest.mark.timeout(20)


def line(at: int) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": str(at), "__CURSOR": f"c{at}", "MESSAGE": f"m{at}"})


class Host:
    def __init__(self, name: str) -> None:
        self.name = name


class Fleet:
    """Of one host, which can be away for some attempts."""

    refusals = 0

    @contextmanager
    def connected(self, host: Host) -> Iterator[None]:
        if self.refusals:
            self.refusals -= 1
            raise ShopctlError("cannot reach it by SSH")
        yield


class Stream:
    """What each connection says before it breaks; the last one stays open until it is stopped."""

    scripts: list[list[str]] = []
    asked: list[Sequence[str]] = []
    closed = 0

    def __init__(self, fleet: Any, host: Any, argv: Sequence[str]) -> None:
        Stream.asked.append(argv)
        self._lines = Stream.scripts.pop(0)
        self._stays = not Stream.scripts
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        if self._stays:
            self._stopped.wait(20)

    def why(self) -> str:
        return "exit 255"

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        Stream.closed += 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "Stream", Stream)
    monkeypatch.setattr(follow, "FIRST_PAUSE", 0.01)
    Stream.asked, Stream.closed = [], 0


def told(
    monkeypatch: pytest.MonkeyPatch, fleet: Fleet, past: Past, lines: int
) -> tuple[list[str], list[Notice]]:
    """Follows until so many lines were told; then Ctrl-C."""
    monkeypatch.setattr(reading, "past_of", lambda *_: past)
    said: list[str] = []
    notices: list[Notice] = []

    def say(entry: Entry) -> None:
        said.append(entry.message)
        if len(said) == lines:
            raise KeyboardInterrupt

    wish = Wish(choice.choice([], "debug", None))
    follow.follow(fleet, [Host("web-1")], wish, say, notices.append)  # type: ignore[arg-type, list-item]
    return said, notices


def entry(at: int) -> Entry:
    return Entry("web-1", at, "x", "info", f"m{at}", cursor=f"c{at}")


def test_a_stream_that_breaks_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    Stream.scripts = [[line(2), line(3), line(4)], [line(4), line(5)]]
    fleet = Fleet()
    fleet.refusals = 2
    past = Past("web-1", (entry(1), entry(2)), entry(2))
    said, notices = told(monkeypatch, fleet, past, 5)
    assert said == ["m1", "m2", "m3", "m4", "m5"]
    assert [notice.words for notice in notices] == ["away: exit 255", "back"]
    assert ["--since=@0.000002" in argv for argv in Stream.asked] == [True, False]
    assert "--since=@0.000004" in Stream.asked[1]


def test_lines_of_one_moment_are_all_told(monkeypatch: pytest.MonkeyPatch) -> None:
    twins = [json.dumps({**json.loads(line(3)), "__CURSOR": cursor}) for cursor in ("a", "b")]
    Stream.scripts = [[twins[0]], [*twins, line(4)]]
    said, _ = told(monkeypatch, Fleet(), Past("web-1", (), entry(2)), 3)
    assert said == ["m3", "m3", "m4"]


def test_nothing_of_it_is_left_when_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    Stream.scripts = [[line(3)]]
    began = time.monotonic()
    told(monkeypatch, Fleet(), Past("web-1", (), entry(2)), 1)
    assert time.monotonic() - began < 10
    assert Stream.closed == 1
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("logs of")]


def test_what_somebody_does_not_want_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    Stream.scripts = [[line(3), line(4)]]
    monkeypatch.setattr(reading, "past_of", lambda *_: Past("web-1", (), entry(2)))
    said: list[str] = []

    def say(entry: Entry) -> None:
        said.append(entry.message)
        raise KeyboardInterrupt

    wish = Wish(choice.choice([], "debug", "m4"))
    follow.follow(Fleet(), [Host("web-1")], wish, say, lambda _: None)  # type: ignore[arg-type, list-item]
    assert said == ["m4"]
