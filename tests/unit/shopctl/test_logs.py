"""Journal lines become entries, those become one stream in the order of time, and that becomes what a person reads."""

import json
from datetime import UTC
from typing import Any

import pytest

from shopctl.errors import BadInputError
from shopctl.logs import choice, reading
from shopctl.logs.choice import Choice
from shopctl.logs.entry import Entry, parse
from shopctl.logs.merger import PATIENCE, WINDOW, Merger
from shopctl.logs.reading import Past, Wish
from shopctl.logs.text import Painter, clean, wants_colour

AT = 1795881600_123456
VERSION = "11642f4b2549-2663b3ba"


def journal(message: object, **fields: Any) -> str:
    said = {"__REALTIME_TIMESTAMP": str(AT), "__CURSOR": "c1", "PRIORITY": "6", "MESSAGE": message}
    return json.dumps({**said, **fields})


def of_shop(group: str = "trade", **said: Any) -> Entry:
    line = {"level": "info", "message": "request", "logger": "shop.request", "release": "r1", **said}
    unit = f"shop-{group}-{VERSION}"
    found = parse("web-1", journal(json.dumps(line), CONTAINER_NAME=unit, _SYSTEMD_UNIT=f"{unit}.service"))
    assert found
    return found


def entry(host: str, at: float, message: str = "m", **more: Any) -> Entry:
    return Entry(host, int(at * 1e6), "x", "info", message, raw=message, **more)


class TestEntry:
    def test_the_shops_line_tells_of_itself(self) -> None:
        found = of_shop(
            level="error", message="boom", request_id="r-1", exception="Traceback\nKeyError", path="/x"
        )
        assert (found.group, found.version, found.level) == ("trade", VERSION, "error")
        assert (found.message, found.request_id, found.exception) == ("boom", "r-1", "Traceback\nKeyError")
        assert found.fields == {"path": "/x"}
        assert (found.at, found.cursor) == (AT, "c1")

    @pytest.mark.parametrize("name", ["shop-trade", "shop-trade.service", f"shop-trade-{VERSION}.service"])
    def test_units_of_today_and_of_before_are_the_groups(self, name: str) -> None:
        found = parse("web-1", journal("x", _SYSTEMD_UNIT=name))
        assert found
        assert found.group == "trade"

    def test_systemd_speaks_of_the_unit_that_it_starts(self) -> None:
        line = journal("Started.", _SYSTEMD_UNIT="init.scope", UNIT=f"shop-user-{VERSION}.service")
        found = parse("web-1", line)
        assert found
        assert (found.group, found.version) == ("user", VERSION)

    @pytest.mark.parametrize(
        ("priority", "level"), [("3", "error"), ("4", "warning"), ("7", "debug"), ("", "info")]
    )
    def test_the_level_of_others_is_syslogs(self, priority: str, level: str) -> None:
        found = parse("web-1", journal("x", PRIORITY=priority, SYSLOG_IDENTIFIER="sshd"))
        assert found
        assert (found.level, found.source, found.group) == (level, "sshd", "")

    @pytest.mark.parametrize(
        "text", ['{"half', '{"level": "loud", "message": "x"}', '{"level": "info"}', "plain"]
    )
    def test_other_lines_of_the_shop_stay_as_they_are(self, text: str) -> None:
        found = parse("web-1", journal(text, CONTAINER_NAME="shop-trade"))
        assert found
        assert (found.message, found.level, found.group) == (text, "info", "trade")

    def test_bytes_and_what_the_journal_left_out_are_no_error(self) -> None:
        assert parse("web-1", journal([104, 105, 255])).message == "hi\ufffd"  # type: ignore[union-attr]
        assert parse("web-1", journal(None)).message == ""  # type: ignore[union-attr]

    @pytest.mark.parametrize("line", ["", "nonsense", "[]", "{}", '{"__REALTIME_TIMESTAMP": "x"}'])
    def test_what_is_no_line_of_a_journal_is_none(self, line: str) -> None:
        assert parse("web-1", line) is None


class TestChoice:
    def test_groups_levels_and_patterns_each_leave_something_out(self) -> None:
        trade, worker = of_shop(), of_shop("worker", level="warning", message="slow")
        other = parse("web-1", journal("x", SYSLOG_IDENTIFIER="sshd", PRIORITY="3"))
        assert other
        found = [trade, worker, other]
        takes = {
            "trade": [trade], "trade worker": [trade, worker], "all": [trade, worker], "": found,
        }  # fmt: skip
        for groups, wanted in takes.items():
            chosen = choice.choice(groups.split(), "debug", None)
            assert [one for one in found if chosen.takes(one)] == wanted, groups
        warnings = choice.choice([], "warning", None)
        assert [one for one in found if warnings.takes(one)] == [worker, other]

    def test_small_letters_find_both_and_capitals_only_themselves(self) -> None:
        line = entry("web-1", 1, "Error in Order 17")
        assert choice.choice([], "debug", r"order \d+").takes(line)
        assert choice.choice([], "debug", "Order").takes(line)
        assert not choice.choice([], "debug", "ORDER").takes(line)

    def test_a_line_is_found_by_what_is_shown_and_by_what_was_written(self) -> None:
        line = of_shop(method="GET", path="/api/v1/cart", status=200)
        assert choice.choice([], "debug", "GET /api/v1/cart 200").takes(line)
        assert choice.choice([], "debug", '"path": "/api/v1/cart"').takes(line)

    @pytest.mark.parametrize(
        ("groups", "level", "grep"), [(["Trade!"], "debug", None), ([], "loud", None), ([], "debug", "(")]
    )
    def test_nonsense_is_refused(self, groups: list[str], level: str, grep: str | None) -> None:
        with pytest.raises(BadInputError):
            choice.choice(groups, level, grep)


class TestMerger:
    def merger(self, *hosts: str) -> Merger:
        found = Merger(hosts, began=0.0)
        for host in hosts:
            found.joined(host)
        return found

    def test_lines_that_come_late_find_their_place_within_the_window(self) -> None:
        merger = self.merger("a", "b")
        merger.add(entry("a", 2.0), 10.0)
        merger.add(entry("b", 1.0), 10.1)
        assert [one.at for one in merger.due(10.2)] == [1_000_000]
        assert merger.due(10.2) == []
        assert [one.at for one in merger.due(10.0 + WINDOW)] == [2_000_000]

    def test_nobody_waits_when_all_hosts_have_gone_on(self) -> None:
        merger = self.merger("a", "b")
        merger.add(entry("a", 1.0), 10.0)
        merger.add(entry("b", 2.0), 10.0)
        merger.add(entry("a", 3.0), 10.0)
        assert [one.at for one in merger.due(10.0)] == [1_000_000, 2_000_000]

    def test_lines_of_one_moment_keep_the_order_in_which_they_came(self) -> None:
        merger = self.merger("a")
        for number in range(5):
            merger.add(entry("a", 1.0, str(number)), 10.0)
        assert [one.message for one in merger.due(20.0)] == ["0", "1", "2", "3", "4"]

    def test_at_the_beginning_all_wait_for_the_slowest_host_but_not_for_ever(self) -> None:
        merger = Merger(["a", "b"], began=0.0)
        merger.add(entry("a", 5.0), 0.1)
        merger.joined("a")
        assert merger.due(PATIENCE - 0.1) == []
        assert merger.next_due(1.0) == PATIENCE - 1.0
        assert len(merger.due(PATIENCE)) == 1

    def test_nobody_waits_for_a_host_that_is_gone(self) -> None:
        merger = Merger(["a", "b"], began=0.0)
        merger.add(entry("a", 1.0), 0.1)
        merger.add(entry("a", 2.0), 0.1)
        merger.joined("a")
        merger.gone("b")
        assert len(merger.due(0.1)) == 2
        # It is back, and has told nothing of now yet.
        merger.add(entry("b", 1.5), 0.2)
        merger.add(entry("a", 3.0), 0.2)
        assert [one.host for one in merger.due(0.2)] == ["b"]

    def test_what_waits_at_the_end_is_not_lost(self) -> None:
        merger = self.merger("a", "b")
        merger.add(entry("a", 2.0), 10.0)
        merger.add(entry("b", 1.0), 10.0)
        assert [one.at for one in merger.rest()] == [1_000_000, 2_000_000]
        assert merger.rest() == []
        assert merger.next_due(11.0) is None


class TestText:
    def painter(self, *, colour: bool = False) -> Painter:
        return Painter(["web-1", "ops-12"], colour=colour, zone=UTC)

    def test_a_request_is_one_short_line(self) -> None:
        line = of_shop(
            method="GET", path="/api/v1/cart", status=200, milliseconds=12.5, request_id="abc", user=7
        )
        assert self.painter().lines(line) == [
            "web-1  11-28 16:00:00.123 info  trade     GET /api/v1/cart 200 12.5 ms user=7 abc"
        ]

    def test_an_exception_stands_below_its_line(self) -> None:
        line = of_shop(level="error", message="failed", exception="Traceback:\n  File x\nKeyError: 1")
        assert self.painter().lines(line) == [
            "web-1  11-28 16:00:00.123 ERROR trade     failed",
            "web-1    Traceback:",
            "web-1      File x",
            "web-1    KeyError: 1",
        ]

    def test_each_host_has_its_colour_whatever_else_is_shown(self) -> None:
        painter = self.painter(colour=True)
        assert painter.host("web-1") != painter.host("ops-12")
        assert painter.host("web-1") == self.painter(colour=True).host("web-1") == "\x1b[36mweb-1 \x1b[0m"
        assert self.painter().host("web-1") == "web-1 "

    @pytest.mark.parametrize(
        ("environment", "terminal", "wanted"),
        [({}, True, True), ({}, False, False), ({"NO_COLOR": "1"}, True, False), ({"NO_COLOR": ""}, True, True),
         ({"TERM": "dumb"}, True, False)],
    )  # fmt: skip
    def test_colours_are_for_terminals_whose_people_want_them(
        self, environment: dict[str, str], terminal: bool, wanted: bool
    ) -> None:
        assert wants_colour(environment, terminal=terminal) is wanted

    def test_strangers_words_cannot_steer_the_terminal(self) -> None:
        assert clean("a\x1b[2Jb\tc\x07") == "a\ufffd[2Jb\tc\ufffd"
        (line,) = self.painter().lines(of_shop(method="GET", path="/\x1b[31m", status=404))
        assert "\x1b" not in line

    def test_raw_lines_are_as_they_were_written(self) -> None:
        line = of_shop(level="info", message="x")
        assert self.painter().raw(line) == [f"web-1  {line.raw}"]


class TestReading:
    def test_the_last_lines_of_all_hosts_in_the_order_of_time(self) -> None:
        parts = [
            Past("a", (entry("a", 1), entry("a", 4))),
            Past("b", (entry("b", 2), entry("b", 3))),
            Past("c", error="away"),
        ]
        assert [one.at // 10**6 for one in reading.merged(parts, 3)] == [2, 3, 4]
        assert [one.at // 10**6 for one in reading.merged(parts, None)] == [1, 2, 3, 4]
        assert reading.merged(parts, 0) == []

    def test_units_are_chosen_by_the_host_for_the_past_and_here_for_what_comes(self) -> None:
        wish = Wish(Choice(("trade",)), lines=7)
        argv = reading.history(wish)
        assert argv[-2:] == ["--unit=shop-trade.service", "--unit=shop-trade-*.service"]
        assert f"--lines={reading.LOOKED_THROUGH}" in argv
        assert reading.following(wish, AT)[-5:] == [
            "--no-tail", "--since=@1795881600.123456", "_COMM=conmon", "+", "_PID=1",
        ]  # fmt: skip

    def test_a_unit_is_one_word_and_since_needs_no_number(self) -> None:
        argv = reading.history(Wish(Choice(), unit="a b", lines=None, since="1 h ago"))
        assert argv[-2:] == ["--since=1 h ago", "--unit=a b"]
        assert not any(word.startswith("--lines") for word in argv)
        assert reading.following(Wish(Choice(), unit="a b"), None)[-2:] == ["--lines=0", "--unit=a b"]
