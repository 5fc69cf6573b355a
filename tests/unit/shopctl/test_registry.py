"""Which images of a registry are old, which hosts need what, and how an image is called."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.outputs import StackOutputs
from shopctl import registry
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.manifest import Manifest
from shopctl.registry import pruning, retention
from shopctl.registry.pruning import Seen
from shopctl.report import Report
from shopctl.rollout import preparation
from shopctl.rollout.facts import HostFacts, Version

OUTPUTS = Path(__file__).parents[1] / "ansible" / "outputs.json"
DIGEST = "sha256:" + "ab" * 32
REFERENCE = f"shop-test.tencentcloudcr.com/shop/shop@{DIGEST}"
A, B, C, D = (letter * 12 for letter in "abcd")


def tags(*pairs: tuple[int, str]) -> list[str]:
    """Tags of releases that were pushed on these days."""
    return [retention.tag(release, datetime(2026, 5, day, 12, tzinfo=UTC)) for day, release in pairs]


def days(names: Iterable[str]) -> list[str]:
    return [f"{int(name[6:8])}{name[-1]}" for name in names]


def test_a_tag_tells_when_and_what() -> None:
    name = retention.tag(A, datetime(2026, 11, 28, 16, 5, 12, tzinfo=UTC))
    assert name == f"20261128-160512-{A}"
    assert retention.release_of(name) == A


SURPLUS: list[tuple[str, list[str], int, set[str], list[str]]] = [
    ("nothing there", [], 3, set(), []),
    ("fewer than stay", tags((1, A), (2, B)), 3, set(), []),
    ("the oldest go", tags((1, A), (3, C), (2, B), (4, D)), 2, set(), ["1a", "2b"]),
    ("what a host has stays, however old", tags((1, A), (2, B), (3, C)), 1, {A}, ["2b"]),
    ("a release counts once", tags((1, A), (2, B), (3, B), (4, B)), 2, set(), []),
    ("pushed again is new", tags((1, A), (2, B), (3, A)), 1, set(), ["2b"]),
    ("all tags of an old one go", tags((1, A), (2, A), (3, B)), 1, set(), ["1a", "2a"]),
    ("others' tags stay and count for nothing", ["latest", A, *tags((1, A), (2, B))], 1, set(), ["1a"]),
]


@pytest.mark.parametrize(
    ("there", "keep", "needed", "gone"), [case[1:] for case in SURPLUS], ids=[c[0] for c in SURPLUS]
)
def test_what_may_go(there: list[str], keep: int, needed: set[str], gone: list[str]) -> None:
    assert days(retention.surplus(there, keep=keep, needed=needed)) == gone


def host(name: str, **known: Any) -> HostFacts:
    return HostFacts(name, **known)


def version(release: str, image: str = REFERENCE) -> Version:
    settings = {"release": release, "settings": "01234567", "image": image, "host": "shop.test"}
    return Version.parse(
        {
            **settings,
            "version": f"{release}-01234567",
            "memory_limit_mb": 512,
            "groups": ["trade"],
            "warm": {},
        }
    )


def test_hosts_need_what_serves_runs_or_can_come_back() -> None:
    hosts = [
        host("web-1", versions={f"{A}-01234567": version(A)}, serving={"trade": f"{B}-01234567"}),
        host("web-2", running=frozenset({("worker", f"{C}-01234567")})),
        host("web-3"),
    ]
    assert pruning.needed(hosts) == {A, B, C}


def test_the_plan_names_the_tags_or_says_why_there_are_none() -> None:
    there = tuple(tags((1, A), (2, B), (3, C)))
    plan = pruning.plan("local", Seen(there, frozenset({A})), 1)
    assert [(change.operation, change.name) for change in plan.changes] == [("delete", there[1])]
    assert plan.unchanged == 2
    empty = pruning.plan("local", Seen(there, frozenset({A})), 2)
    assert empty.empty
    assert empty.reason == "the registry has no release but the newest 2 and what the hosts have"


@pytest.fixture
def outputs() -> StackOutputs:
    return StackOutputs.parse(json.loads(OUTPUTS.read_text()))


@pytest.fixture
def older() -> StackOutputs:
    """Of a stack that was brought up before there were registries."""
    told = json.loads(OUTPUTS.read_text())
    del told["registry"]
    return StackOutputs.parse(told)


def release(id_: str = A) -> Manifest:
    return Manifest(
        id=id_,
        digest=DIGEST,
        bytes=1,
        layers=(),
        commit="",
        author="",
        built="",
        base="",
        static="",
        migrations={},
    )


def test_hosts_call_an_image_by_the_registrys_name_and_its_digest(outputs: StackOutputs) -> None:
    assert registry.reference(Environment.load("test"), outputs, DIGEST) == REFERENCE


def test_a_stack_without_a_registry_is_told_how_to_get_one(older: StackOutputs) -> None:
    with pytest.raises(ShopctlError) as caught, registry.opened(Environment.load("test"), older):
        pass
    assert caught.value.next_step == "shopctl --env test up makes it"


def test_what_all_hosts_have_is_not_published_again(
    monkeypatch: pytest.MonkeyPatch, outputs: StackOutputs, older: StackOutputs
) -> None:
    """So that a change of settings needs no registry; a host that lacks the image does."""
    asked: list[str] = []

    def publish(environment: Environment, report: Report, outputs: StackOutputs, manifest: Manifest) -> str:
        asked.append(manifest.id)
        return "pushed"

    monkeypatch.setattr(registry, "publish", publish)
    environment, report = Environment.load("test"), Report(quiet=True)
    has = host("web-1", versions={f"{A}-0": version(A)}, images={A: ("1",)})
    cases = [
        ([has, has], REFERENCE),
        ([has, host("web-2")], "pushed"),
        ([has, host("web-2", versions={f"{A}-0": version(A)})], "pushed"),
        (
            [has, host("web-2", versions={f"{A}-0": version(A, "localhost/shop:a")}, images={A: ("1",)})],
            "pushed",
        ),
        ([], "pushed"),
    ]
    for hosts, wanted in cases:
        assert preparation.publish(environment, report, outputs, release(), hosts) == wanted
    assert len(asked) == 4
    assert preparation.publish(environment, report, older, release(), [has]) == f"localhost/shop:{A}"
