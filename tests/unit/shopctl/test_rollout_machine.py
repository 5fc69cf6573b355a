"""A host's way to a goal: whatever it looks like at first, and wherever it is cut off."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from shopctl.rollout.facts import HostFacts
from shopctl.rollout.machine import Flip, Start, Step, Stop, after, broken, next_step, steps

GROUPS = ("catalogue", "trade", "worker")
VERSIONS = ("a-1", "b-1", "b-2")
UNITS = [(group, version) for group in GROUPS for version in VERSIONS]
units = st.frozensets(st.sampled_from(UNITS))
goals = st.fixed_dictionaries({group: st.sampled_from(VERSIONS) for group in GROUPS})
hosts = st.builds(
    HostFacts,
    host=st.just("web-1"),
    serving=st.dictionaries(st.sampled_from(GROUPS), st.sampled_from(VERSIONS)),
    running=units,
    installed=units,
)


def host(serving: str, *running: str) -> HostFacts:
    """A host that a version serves on, with these running."""
    there = frozenset((group, version) for group in GROUPS for version in running)
    return HostFacts("web-1", {}, dict.fromkeys(GROUPS, serving), there, there)


def all_of(version: str) -> tuple[tuple[str, str], ...]:
    return tuple((group, version) for group in GROUPS)


def goal(version: str) -> dict[str, str]:
    return dict.fromkeys(GROUPS, version)


def test_the_new_starts_beside_the_old_and_the_old_stops_last() -> None:
    assert list(steps(host("a-1", "a-1"), goal("b-1"))) == [
        Start(all_of("b-1")),
        Flip(all_of("b-1")),
        Stop(all_of("a-1")),
    ]


def test_where_the_goal_is_reached_nothing_is_done() -> None:
    assert next_step(host("a-1", "a-1"), goal("a-1")) is None


def test_the_way_back_from_a_change_over_starts_nothing() -> None:
    assert list(steps(host("b-1", "a-1", "b-1"), goal("a-1"))) == [Flip(all_of("a-1")), Stop(all_of("b-1"))]


def test_one_group_alone_leaves_the_others_as_they_are() -> None:
    assert list(steps(host("a-1", "a-1"), {**goal("a-1"), "trade": "b-1"})) == [
        Start((("trade", "b-1"),)),
        Flip((("trade", "b-1"),)),
        Stop((("trade", "a-1"),)),
    ]


def test_what_runs_and_would_not_come_back_after_a_reboot_is_installed() -> None:
    forgotten = replace(host("a-1", "a-1"), installed=frozenset())
    assert list(steps(forgotten, goal("a-1"))) == [Start(all_of("a-1"))]


def test_what_died_is_started_before_anything_is_asked_of_it() -> None:
    dead = replace(host("a-1", "a-1"), running=frozenset())
    assert broken(dead) == list(GROUPS)
    assert next_step(dead, goal("a-1")) == Start(all_of("a-1"))


@given(hosts, goals)
def test_every_host_gets_there_in_three_steps(start: HostFacts, target: dict[str, str]) -> None:
    end = start
    taken = list(steps(start, target))
    for step in taken:
        end = after(end, step)
    assert len(taken) <= 3
    assert end.serving == {**start.serving, **target}
    assert end.running == end.installed == set(target.items())


@given(hosts, goals, goals, st.integers(0, 3), st.data())
@settings(max_examples=300)
def test_no_group_loses_who_serves_it_wherever_a_rollout_is_cut_off(
    start: HostFacts, first: dict[str, str], then: dict[str, str], done: int, data: st.DataObject
) -> None:
    """A rollout is killed after some steps, in the middle of one; another one, to anywhere, follows."""
    lost = set(broken(start))
    current = start
    for step in list(steps(start, first))[:done]:
        current = after(current, step)
        assert set(broken(current)) <= lost
    if half := next_step(current, first):
        current = after(current, part_of(half, data))
        assert set(broken(current)) <= lost
    for step in steps(current, then):
        current = after(current, step)
        assert set(broken(current)) <= lost
    assert not broken(current)
    assert next_step(current, then) is None


def part_of(step: Step, data: st.DataObject) -> Step:
    """What was done of a step when the hand that did it was killed."""
    part = tuple(sorted(data.draw(st.frozensets(st.sampled_from(step.units)))))
    match step:
        case Start():
            return Start(part)
        case Flip():
            return Flip(part)
        case Stop():
            return Stop(part)
