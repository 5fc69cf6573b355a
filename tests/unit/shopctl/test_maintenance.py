"""What an operator says becomes what people see, and what the hosts say becomes a plan; the switch on a host itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shopctl.errors import BadInputError
from shopctl.maintenance import hosts, notice, on_host, planning
from shopctl.maintenance.hosts import Answer, Look
from shopctl.maintenance.notice import Notice
from shopctl.maintenance.planning import HostFacts
from shopctl.plan.text import text

NOON = 1795881600.0
"""2026-11-28T16:00:00Z: midnight in Beijing."""
NOTICE = Notice("升级中", NOON, NOON + 1800)
PAGE = hosts.PAGE.read_text()


def test_without_words_people_read_the_usual_ones_and_no_time() -> None:
    said = notice.announce(None, None, now=NOON + 0.7)
    assert said == Notice(notice.DEFAULT_MESSAGE, NOON, None)
    assert said.retry_at == 0


def test_the_end_is_a_whole_minute_not_before_what_was_said() -> None:
    assert notice.announce(None, 90, now=NOON + 1).until == NOON + 120
    assert notice.announce(None, 60, now=NOON).until == NOON + 60


@pytest.mark.parametrize("words", ["", "  ", "a\nb", "x" * 201, "\x1b[31m"])
def test_words_that_cannot_be_shown_are_refused(words: str) -> None:
    with pytest.raises(BadInputError, match="one line"):
        notice.announce(words, None, now=NOON)


@pytest.mark.parametrize("seconds", [0.0, 59.0, 8 * 86400.0])
def test_times_that_nobody_means_are_refused(seconds: float) -> None:
    with pytest.raises(BadInputError, match="one minute to seven days"):
        notice.announce(None, seconds, now=NOON)


def test_the_answer_has_the_apis_shape_and_is_read_back() -> None:
    body = json.loads(NOTICE.answer())
    assert body["error"] == {"code": "maintenance", "message": "升级中"}
    assert body["maintenance"]["until"] == "2026-11-28T16:30:00Z"
    assert notice.read(NOTICE.answer()) == NOTICE
    assert notice.read(Notice("m", NOON).answer()) == Notice("m", NOON)
    assert notice.read('{"error": {"code": "not_found", "message": ""}}') is None
    assert notice.read("nonsense") is None


def test_only_a_503_of_ours_is_the_answer() -> None:
    body = NOTICE.answer().encode()
    assert notice.is_answer(503, body)
    assert not notice.is_answer(200, body)
    assert not notice.is_answer(503, b'{"error": {"code": "database_unavailable", "message": ""}}')
    assert not notice.is_answer(503, b"<html>")


def test_the_page_tells_the_time_in_beijing_and_keeps_markup_as_text() -> None:
    page = Notice("<b>&</b>", NOON, NOON + 1800).page(PAGE)
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in page
    assert "预计 00:30 恢复" in page
    assert "预计 11月30日 00:00 恢复" in Notice("m", NOON, NOON + 86400).page(PAGE)
    assert "预计" not in Notice("m", NOON).page(PAGE)


def test_the_page_needs_no_other_file() -> None:
    page = NOTICE.page(PAGE)
    assert not any(mark in page for mark in ("src=", "href=", "url(", "@import", "<script"))
    assert 'name="viewport"' in page


class TestPlan:
    def test_on_says_what_each_host_would_show(self) -> None:
        plan = planning.plan("maintenance on", "local", [HostFacts("web-1"), HostFacts("web-2")], NOTICE)
        assert text(plan).splitlines() == [
            "Plan: maintenance on local",
            "  + create  maintenance  web-1",
            "  + create  maintenance  web-2",
            "  > web-1, web-2: 503 with the page for buyers and merchants, said to end at 2026-11-28T16:30:00Z; "
            "nothing is reloaded",
            "  > as before: health checks, pictures and static files, WeChat's notifications, who comes by SSH",
            "  2 to create",
        ]

    def test_what_a_killed_run_left_is_finished(self) -> None:
        facts = [HostFacts("web-1", NOTICE), HostFacts("web-2")]
        plan = planning.plan("maintenance on", "local", facts, NOTICE)
        assert [(c.operation, c.name) for c in plan.changes] == [("create", "web-2")]
        assert planning.lasting(facts, Notice("m", NOON + 99)).since == NOON

    def test_other_words_or_another_end_are_a_change(self) -> None:
        later = Notice("升级中", NOON + 60, NOON + 3600)
        (change,) = planning.plan("maintenance on", "local", [HostFacts("web-1", NOTICE)], later).changes
        assert [(d.path, d.old, d.new) for d in change.differences] == [
            ("until", "2026-11-28T16:30:00Z", "2026-11-28T17:00:00Z")
        ]

    def test_there_may_be_nothing_to_do(self) -> None:
        on = planning.plan("maintenance on", "local", [HostFacts("web-1", NOTICE)], NOTICE)
        off = planning.plan("maintenance off", "local", [HostFacts("web-1")], None)
        assert (on.empty, on.reason) == (True, "web-1: shows just this")
        assert (off.empty, off.reason) == (True, "web-1: no maintenance page there")

    def test_off_warns_of_a_shop_that_is_not_ready_and_of_hosts_that_are_away(self) -> None:
        facts = [
            HostFacts("web-1", NOTICE, ready=False),
            HostFacts("web-2", problem="cannot reach it by SSH"),
        ]
        plan = planning.plan("maintenance off", "local", facts, None)
        assert [(c.operation, c.name) for c in plan.changes] == [("delete", "web-1")]
        assert plan.warnings == (
            "the shop on web-1 is not ready: buyers there would see errors instead of the page",
            "web-2 is left as it is: cannot reach it by SSH",
        )

    def test_the_status_names_hosts_that_do_otherwise(self) -> None:
        assert planning.told([HostFacts("web-1"), HostFacts("web-2")]) == (False, "off: web-1, web-2")
        on, detail = planning.told([HostFacts("web-1", NOTICE), HostFacts("web-2")])
        assert on
        assert detail.startswith(
            "on: web-1, not web-2; since 2026-11-28T16:00:00Z, until 2026-11-28T16:30:00Z"
        )


def seen(**answers: tuple[int, str, str]) -> Look:
    by_path = {"root": "/", "api": "/api/v1/products", "probe": "/healthz"}
    return Look(
        HostFacts("web-1", NOTICE),
        {
            by_path[name]: Answer(status, {"cache-control": cache}, body)
            for name, (status, cache, body) in answers.items()
        },
    )


def test_a_host_is_judged_by_what_its_nginx_answers() -> None:
    page, body = "<!doctype html>", NOTICE.answer()
    good = seen(root=(503, "no-store", page), api=(503, "no-store", body), probe=(200, "", "{}"))
    assert hosts.amiss(good, NOTICE) == []
    assert hosts.amiss(seen(root=(200, "", page)), NOTICE) == ["/: 200 <!doctype html>"]
    assert hosts.amiss(seen(api=(503, "", body)), NOTICE) != []
    assert hosts.amiss(seen(api=(503, "no-store", "{}")), NOTICE) != []
    assert hosts.amiss(seen(probe=(503, "", "")), NOTICE) == ["/healthz: 503"]
    assert hosts.amiss(seen(api=(503, "no-store", body)), None) != []
    assert hosts.amiss(seen(api=(500, "", "")), None) == []


class TestOnHost:
    def run(self, *words: str) -> object:
        argv = [sys.executable, "-I", "-S", "-c", Path(on_host.__file__).read_text(), *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    def test_it_shows_looks_and_hides(self, tmp_path: Path) -> None:
        folder = tmp_path / "shop" / "maintenance"
        assert self.run("look", str(folder), "shop") == {"answer": None, "asked": []}
        self.run("show", str(folder), NOTICE.answer(), "页", str(NOTICE.retry_at))
        assert self.run("look", str(folder), "shop") == {"answer": NOTICE.answer(), "asked": []}
        assert (folder / "page.html").read_text() == "页"
        # Nginx makes Retry-After of it.
        assert {file.stat().st_mtime for file in folder.iterdir()} == {NOTICE.until}
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o644}
        self.run("show", str(folder), "other", "页", "0")
        assert (folder / "answer.json").read_text() == "other"
        self.run("hide", str(folder))
        self.run("hide", str(folder))
        assert list(folder.iterdir()) == []

    def test_a_port_where_nobody_answers_is_no_error(self, tmp_path: Path) -> None:
        said = on_host.look(tmp_path, "shop", "http://127.0.0.1:1/healthz")
        assert isinstance(said, dict)
        assert [answer["status"] for answer in said["asked"]] == [0]
