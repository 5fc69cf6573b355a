"""A plan in a file is applied as it was shown, or refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from shopctl import planfile
from shopctl.errors import BadInputError, ShopctlError
from shopctl.plan import Change, Difference, Plan
from shopctl.planfile import Basis, Saved

CHANGE = Change("update", "a:B/c:C", "thing", ("size",), (Difference("size", "1", "2"),))
PLAN = Plan("up", "local", (CHANGE,), unchanged=3, steps=("configure the hosts",))
BASIS = Basis("state-1", "configuration-1", {"infra": "i1", "roles": "r1"})
SAVED = Saved(PLAN, BASIS, ("urn::x",), True, {"resourcePlans": {}})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    planfile.write(file, SAVED)
    return file


def test_it_comes_back_as_it_was_and_is_private(file: Path) -> None:
    assert planfile.read(file, "local") == SAVED
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["", "no json", "[]", "{}", "null", '{"format": "shopctl-plan-1"}', "\x00\x01"]
)
def test_garbage_is_no_plan(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(BadInputError, match="not a plan"):
        planfile.read(file, "local")


@pytest.mark.parametrize("part", ["plan", "basis", "engine", "urns", "dependents", "environment"])
def test_a_plan_with_a_part_missing_is_no_plan(file: Path, part: str) -> None:
    document = json.loads(file.read_text())
    del document[part]
    if part == "environment":
        del document["plan"]["environment"]
    file.write_text(json.dumps(document))
    with pytest.raises(BadInputError, match="not a plan"):
        planfile.read(file, "local")


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such plan"):
        planfile.read(tmp_path / "none", "local")
    with pytest.raises(BadInputError, match="not a plan"):
        planfile.read(tmp_path, "local")


def test_another_environments_plan_is_refused(file: Path) -> None:
    with pytest.raises(BadInputError, match="one for local, not for production"):
        planfile.read(file, "production")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(BASIS, state="state-2"), "state changed"),
        (replace(BASIS, configuration="configuration-2"), "configuration changed"),
        (replace(BASIS, checkout={"infra": "i2", "roles": "r1"}), "program changed in infra/"),
        (replace(BASIS, checkout={"infra": "i1"}), "program changed in roles/"),
    ],
)
def test_what_it_was_made_from_must_be_the_same(now: Basis, words: str) -> None:
    planfile.refuse_stale(SAVED, BASIS, "local")
    with pytest.raises(ShopctlError, match=words):
        planfile.refuse_stale(SAVED, now, "local")


def test_what_is_really_there_must_ask_for_the_same() -> None:
    planfile.refuse_different(PLAN, replace(PLAN, unchanged=9), "local")
    more = Change("create", "a:B/c:C", "gone-meanwhile")
    with pytest.raises(ShopctlError, match="by other means") as caught:
        planfile.refuse_different(PLAN, replace(PLAN, changes=(CHANGE, more)), "local")
    assert caught.value.last_lines == ("needed now, not shown:", "  + create  B.C  gone-meanwhile")
    with pytest.raises(ShopctlError, match="by other means") as caught:
        planfile.refuse_different(PLAN, replace(PLAN, changes=()), "local")
    assert caught.value.last_lines == (
        "shown, not needed now:",
        "  ~ update  B.C  thing",
        "      size: 1 → 2",
    )
