"""What a rollout would do, and why it would do nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from shopctl.plan.text import text
from shopctl.rollout.facts import HostFacts, Version
from shopctl.rollout.planning import Wanted, before, chosen, common, goal, plan, previous, serving

GOLDEN = Path(__file__).parent / "golden"
GROUPS = ("catalogue", "trade", "worker")


def host(
    name: str, serves: str | None, *beside: str, has: tuple[str, ...] = (), down: tuple[str, ...] = ()
) -> HostFacts:
    """A web host where one version serves and others run beside it; `has` are on it without running."""
    there = [version for version in (serves, *beside) if version]
    units = frozenset((group, version) for group in GROUPS for version in there if group not in down)
    names = dict.fromkeys([*has, *reversed(there)])
    versions = {v: Version(v, v.partition("-")[0], v.partition("-")[2], "") for v in names}
    images = {version.release: ("id",) for version in versions.values()}
    return HostFacts(
        name, versions, dict.fromkeys(GROUPS, serves) if serves else {}, units, units, images=images
    )


NEW = Wanted("new-1", GROUPS, ("orders.0002_note",), megabytes=326, estimate_seconds=34.0)
CASES = {
    "rollout-new": ([host("web-1", "old-1"), host("web-2", "old-1", has=("new-1",))], NEW),
    "rollout-nothing": ([host("web-1", "new-1"), host("web-2", "new-1")], Wanted("new-1", GROUPS)),
    "rollout-settings": ([host("web-1", "old-1")], Wanted("old-2", GROUPS)),
    "rollout-killed": (
        [host("web-1", "new-1", "old-1"), host("web-2", "old-1", "new-1")],
        Wanted("new-1", GROUPS),
    ),
    "rollout-not-stopped": ([host("web-1", "new-1", "old-1")], Wanted("new-1", GROUPS)),
    "rollout-dead": ([host("web-1", "new-1", down=("trade",))], Wanted("new-1", GROUPS)),
    "rollout-first": ([host("web-1", None), host("web-2", None)], Wanted("new-1", GROUPS, megabytes=326)),
    "rollout-group": ([host("web-1", "old-1", has=("new-1",))], Wanted("new-1", ("trade",))),
    "rollout-back": (
        [host("web-1", "new-1", has=("old-1",)), host("web-2", "new-1", has=("old-1",))],
        Wanted("old-1", GROUPS, prepare=False),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_plans_are_as_in_the_golden_files(name: str) -> None:
    hosts, wanted = CASES[name]
    assert text(plan("deploy", "local", hosts, wanted)) + "\n" == (GOLDEN / f"{name}.txt").read_text()


def test_a_group_alone_leaves_the_others_with_what_serves_them() -> None:
    hosts = [host("web-1", "old-1")]
    assert goal(hosts, Wanted("new-1", ("trade",))) == {
        "catalogue": "old-1",
        "trade": "new-1",
        "worker": "old-1",
    }


def test_the_way_back_is_to_what_serves_most() -> None:
    hosts = [host("web-1", "new-1", "old-1"), host("web-2", "old-1", has=("new-1",))]
    assert before(hosts, Wanted("new-1", GROUPS)) == dict.fromkeys(GROUPS, "old-1")


def test_where_a_killed_rollout_had_changed_all_over_the_way_back_is_to_what_still_runs() -> None:
    hosts = [host("web-1", "new-1", "old-1"), host("web-2", "new-1", "old-1")]
    assert before(hosts, Wanted("new-1", GROUPS)) == dict.fromkeys(GROUPS, "old-1")


def test_there_is_no_way_back_to_what_a_host_does_not_have() -> None:
    assert before([host("web-1", "new-1")], Wanted("new-1", GROUPS)) is None
    first = host("web-1", "new-1", has=("old-1",))
    assert before([first, host("web-2", "old-1", has=("new-1",))], Wanted("new-1", GROUPS)) is not None
    lacking = replace(first, versions={"new-1": first.versions["new-1"]})
    assert before([lacking, host("web-2", "old-1")], Wanted("new-1", GROUPS)) is None


def test_a_rollback_goes_to_what_served_when_the_last_rollout_began_if_every_host_has_it() -> None:
    def at(name: str, *has: str, serves: str = "c-1", **served: float) -> HostFacts:
        times = {version.replace("_", "-"): time for version, time in served.items()}
        return replace(host(name, serves, has=has), served=times)

    everywhere = [at(name, "a-1", "b-1", a_1=9.0, b_1=5.0) for name in ("web-1", "web-2")]
    assert previous(everywhere) == "a-1", "not the newest: it came from there"
    somewhere = [at("web-1", "a-1", "b-1", a_1=9.0, b_1=5.0), at("web-2", "b-1", b_1=5.0)]
    assert previous(somewhere) == "b-1"
    failed = at("web-1", "a-1", "b-1", c_1=9.0, b_1=5.0, a_1=1.0)
    assert previous([failed]) == "b-1", "a rollout that failed ended where it had begun"
    killed = [at("web-1", "b-1", "a-1", b_1=9.0, a_1=5.0), at("web-2", "a-1", "c-1", serves="b-1", a_1=5.0)]
    assert previous(killed) == "b-1", "it still serves on a host that a killed rollout did not reach"


def test_a_rollback_goes_to_the_newest_other_version_where_the_hosts_remember_none() -> None:
    assert previous([host(name, "c-1", has=("a-1", "b-1")) for name in ("web-1", "web-2")]) == "b-1"
    assert previous([host("web-1", "c-1")]) is None


def test_what_has_lost_its_image_cannot_come_back() -> None:
    full = host("web-1", "c-1", has=("a-1",))
    assert common([full]) == ["a-1", "c-1"]
    assert common([replace(full, images={"c": ("id",)})]) == ["c-1"]


def test_a_word_names_a_version_or_all_of_a_release() -> None:
    kept = ["a1-1", "a1-2", "b2-1"]
    assert chosen("a1", kept) == ["a1-1", "a1-2"]
    assert chosen("b2-1", kept) == ["b2-1"]
    assert chosen("", kept) == []


def test_what_serves_is_what_serves_on_most_hosts() -> None:
    hosts = [host("web-1", "a-1"), host("web-2", "a-1"), host("web-3", "b-1")]
    assert set(serving(hosts).values()) == {"a-1"}
