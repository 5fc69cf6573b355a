"""Which URLs a purge is for, what the engine is asked, and that nothing of it stays."""

from pathlib import Path

import pytest

from shopctl import purge
from shopctl.environment import Environment
from shopctl.errors import BadInputError
from shopctl.report import Report


def test_paths_become_urls_of_the_domain_each_once() -> None:
    assert purge.urls("cdn.shop", ["/static/b.js?v=1", "/", "/static/b.js?v=1"]) == (
        "https://cdn.shop/static/b.js?v=1",
        "https://cdn.shop/",
    )


@pytest.mark.parametrize(
    "path", ["", "static/x", "https://cdn.shop/x", "/a b", "/a#b", "/static/*", "/" * 1001]
)
def test_what_is_no_path_is_refused_by_name(path: str) -> None:
    with pytest.raises(BadInputError, match=r"1 of 2 are no paths of cdn\.shop") as caught:
        purge.urls("cdn.shop", ["/good", path])
    assert caught.value.last_lines == (repr(path)[:200],)


def test_more_than_the_cloud_takes_a_day_is_refused() -> None:
    with pytest.raises(BadInputError, match="10001 paths"):
        purge.urls("cdn.shop", (f"/{number}" for number in range(10_001)))


def test_a_call_has_no_more_urls_than_the_cloud_takes() -> None:
    found = [f"https://cdn.shop/{number}" for number in range(2500)]
    assert [len(batch) for batch in purge.batches(found)] == [1000, 1000, 500]
    assert [url for batch in purge.batches(found) for url in batch] == found


def test_nothing_to_forget_starts_nothing(tmp_path: Path) -> None:
    environment = Environment.load("local")
    done = purge.purge(Environment("local", environment.config_file, tmp_path), Report(quiet=True), [])
    assert done.urls == ()
    assert list(tmp_path.iterdir()) == []


def test_a_bad_path_is_refused_before_anything_else(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        purge.Purge(Environment.load("local"), Report(quiet=True), ["static"])


def test_the_plan_names_each_url(tmp_path: Path) -> None:
    environment = Environment.load("local")
    plan = purge.Purge(environment, Report(quiet=True), ["/static/a.js"]).plan()
    assert [(change.operation, change.name) for change in plan.changes] == [
        ("create", "https://cdn.local.test/static/a.js")
    ]
