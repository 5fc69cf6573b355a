"""What a deploy would do, and why it would do nothing."""

from pathlib import Path

import pytest

from shopctl.plan.text import text
from shopctl.rollout.facts import Container, HostFacts
from shopctl.rollout.planning import Wanted, before, plan, previous

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("shop-catalogue", "shop-trade", "shop-worker")


def host(name: str, *releases: str, images: tuple[str, ...] = ("old",), drained: bool = False) -> HostFacts:
    """A host whose containers run these releases; one release is that of all."""
    runs = releases * len(NAMES) if len(releases) == 1 else releases
    found = {n: Container(release, f"s-{name}") for n, release in zip(NAMES, runs, strict=False)}
    return HostFacts(name, found, images, drained)


NEW = Wanted("new", ("orders.0002_note",), 326, 64.0)
CASES = {
    "deploy-new": ([host("web-1", "old"), host("web-2", "old", images=("new", "old"))], NEW),
    "deploy-nothing": ([host("web-1", "new"), host("web-2", "new")], Wanted("new")),
    "deploy-killed": (
        [host("web-1", "new"), host("web-2", "old", "new", "old", images=("new",), drained=True)],
        Wanted("new"),
    ),
    "deploy-returned": ([host("web-1", "new", images=("new",), drained=True)], Wanted("new")),
    "deploy-first": ([host("web-1", images=()), host("web-2", images=())], Wanted("new", megabytes=326)),
    "deploy-back": ([host("web-1", "new", images=("new", "old"))], Wanted("old", prepare=False)),
}


@pytest.mark.parametrize("name", CASES)
def test_plans_are_as_in_the_golden_files(name: str) -> None:
    hosts, wanted = CASES[name]
    assert text(plan("deploy", "local", hosts, wanted)) + "\n" == (GOLDEN / f"{name}.txt").read_text()


def test_settings_of_two_runs_on_one_host_are_not_called_nothing_to_do() -> None:
    mixed = HostFacts(
        "web-1", {"shop-trade": Container("new", "a"), "shop-user": Container("new", "b")}, ("new",)
    )
    assert not plan("deploy", "local", [mixed], Wanted("new")).empty


def test_the_way_back_is_to_what_most_containers_ran() -> None:
    assert before([host("web-1", "new"), host("web-2", "old")], "new") == "old"
    assert before([host("web-1", "a", "a", "b")], "new") == "a"
    assert before([host("web-1", "new")], "new") is None


def test_a_rollback_goes_to_the_release_before_in_the_journal_if_its_image_is_everywhere() -> None:
    everywhere = [host("web-1", "c", images=("c", "b", "a")), host("web-2", "c", images=("c", "b", "a"))]
    assert previous(everywhere, ["a", "b", "a", "c"]) == "a"
    somewhere = [host("web-1", "c", images=("c", "b", "a")), host("web-2", "c", images=("c", "b"))]
    assert previous(somewhere, ["b", "a", "c"]) == "b"


def test_without_a_journal_it_goes_to_the_newest_other_image() -> None:
    assert previous([host("web-1", "c", images=("c", "b", "a"))], []) == "b"
    assert previous([host("web-1", "c", images=("c",))], ["a"]) is None
