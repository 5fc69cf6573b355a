"""Operations with the real engine and the region's provider in its fast mode, which makes nothing on the machine."""

import contextlib
import gc
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
import tencentcloud_iac_pulumi as tencentcloud

from region.provider import serve
from region.settings import RegionSettings
from shopctl import paths, planfile, stack
from shopctl.destroy import Destroy
from shopctl.drivers import engine_state, plugin
from shopctl.drivers.engine import Engine, Scope, open_engine
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.plan import Difference, Plan
from shopctl.report import Report
from shopctl.up import Up
from tests.engine.engine import closed_loops

# When the engine fails, the Automation API leaves the program's event loop open, and its thread fails as well.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning"),
]

SECRET = "Correct_horse_1_battery"
QUIET = Report(quiet=True)
ANYWHERE = RegionSettings("anywhere", "0.0.0.0/0", "203.0.113.0/24", "203.0.113.254")


@dataclass
class Program:
    """A small stack, and what can be changed of it."""

    zone: str = "ap-guangzhou-6"
    subnet: str = "10.50.1.0/24"
    bucket: str = "shop-media-1250000002"
    versions: bool = False
    extra: list[str] = field(default_factory=list[str])

    def __call__(self) -> None:
        vpc = tencentcloud.vpc.Instance("vpc", name="shop", cidr_block="10.50.0.0/16")
        common: dict[str, Any] = {"vpc_id": vpc.id, "availability_zone": self.zone}
        tencentcloud.subnet.Instance("subnet", name="shop", cidr_block=self.subnet, **common)
        tencentcloud.cos.Bucket(
            "media",
            bucket=self.bucket,
            acl="private",
            versioning_enable=self.versions,
            opts=pulumi.ResourceOptions(protect=True),
        )
        for name in self.extra:
            tencentcloud.security.Group(name, name=name)
        tencentcloud.key.Pair(
            "key",
            key_name="shop",
            public_key=pulumi.Config("shop").require("operatorPublicKey"),
            tags={"hidden": pulumi.Config("shop").require_secret("redisPassword")},
        )


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    chosen = Program()
    monkeypatch.setattr("infra.program.program", lambda: chosen())
    return chosen


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Environment]:
    """Production, its state in a folder, realised by a provider that makes nothing."""
    monkeypatch.setattr(plugin, "find", lambda _: Path("/bin/true"))
    with serve(ANYWHERE, fast=True) as port:
        monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", f"tencentcloud:{port}")
        yield Environment("production", paths.stack_files()["production"], tmp_path / "state", preview=True)


@pytest.fixture
def engine(environment: Environment, program: Program) -> Iterator[Engine]:
    with closed_loops(), open_engine(environment, QUIET) as engine:
        stack.prepare(environment, engine, QUIET)
        engine.set_secret("shop:redisPassword", SECRET)
        engine.up()
        yield engine
    gc.collect()


def said(plan: Plan) -> list[tuple[str, str]]:
    return [(change.operation, change.name) for change in plan.changes]


def test_a_second_up_changes_nothing_and_the_state_stays_the_same(
    engine: Engine, environment: Environment
) -> None:
    before = engine_state.fingerprint(environment)
    plan = engine.up()
    assert (plan.empty, plan.drift, plan.unchanged) == (True, (), 4)
    assert engine_state.fingerprint(environment) == before


def test_a_plan_tells_old_and_new_and_what_forces_a_replacement(engine: Engine, program: Program) -> None:
    program.subnet, program.versions = "10.50.2.0/24", True
    plan = engine.preview()
    changes = {change.name: change for change in plan.changes}
    assert set(changes) == {"subnet", "media"}
    assert changes["subnet"].operation == "replace"
    assert changes["subnet"].differences == (
        Difference("cidrBlock", '"10.50.1.0/24"', '"10.50.2.0/24"', forces=True),
    )
    assert changes["media"].operation == "update"
    assert changes["media"].differences == (Difference("versioningEnable", "false", "true"),)
    assert plan.refused == ()


def kept(engine: Engine, environment: Environment, folder: Path) -> planfile.Saved:
    engine_plan = folder / "engine.json"
    plan = engine.preview(save=engine_plan)
    return planfile.Saved(plan, planfile.basis(environment), (), False, json.loads(engine_plan.read_text()))


def test_a_kept_plan_is_applied_exactly(
    engine: Engine, environment: Environment, program: Program, tmp_path: Path
) -> None:
    program.subnet, program.extra = "10.50.2.0/24", ["web"]
    saved = kept(engine, environment, tmp_path)
    planfile.refuse_stale(saved, planfile.basis(environment), "production")
    planfile.refuse_different(saved.plan, engine.preview(), "production")
    constraint = tmp_path / "engine.json"
    assert set(said(engine.up(constraint=constraint))) == {("create", "web"), ("replace", "subnet")}


def test_the_engine_itself_refuses_a_step_that_the_plan_does_not_have(
    engine: Engine, environment: Environment, program: Program, tmp_path: Path
) -> None:
    program.extra = ["web"]
    kept(engine, environment, tmp_path)
    program.extra = ["web", "not-in-the-plan"]
    with pytest.raises(ShopctlError) as caught:
        engine.up(constraint=tmp_path / "engine.json")
    assert "not-in-the-plan" in caught.value.what
    assert "not-in-the-plan" not in {name for _, name in engine_state.resources(environment)}


def test_a_kept_plan_is_stale_after_another_up(
    engine: Engine, environment: Environment, program: Program, tmp_path: Path
) -> None:
    program.extra = ["web"]
    saved = kept(engine, environment, tmp_path)
    engine.up()
    with pytest.raises(ShopctlError, match="the stack's state changed"):
        planfile.refuse_stale(saved, planfile.basis(environment), "production")


def test_no_secret_is_in_plain_text_in_state_plan_or_log(
    engine: Engine, environment: Environment, program: Program, tmp_path: Path
) -> None:
    program.extra = ["web"]
    file = tmp_path / "kept.json"
    planfile.write(file, kept(engine, environment, tmp_path))
    assert engine_state.exists(environment)
    written = [file, *environment.state_dir.rglob("*")]
    contents = {str(path): path.read_bytes() for path in written if path.is_file()}
    assert len(contents) > 2
    assert [path for path, content in contents.items() if SECRET.encode() in content] == []


def test_only_the_targets_change(engine: Engine, environment: Environment, program: Program) -> None:
    program.subnet, program.versions, program.extra = "10.50.2.0/24", True, ["web"]
    (media,) = [urn for urn in engine_state.urns(environment) if urn.endswith("::media")]
    assert said(engine.up(scope=Scope((media,)))) == [("update", "media")]
    assert set(said(engine.preview())) == {("replace", "subnet"), ("create", "web")}


def test_what_is_protected_is_told_before_anything_is_touched(
    engine: Engine, environment: Environment, program: Program, tmp_path: Path
) -> None:
    program.bucket = "shop-other-1250000002"
    plan = engine.preview()
    assert [(c.operation, c.name) for c in plan.refused] == [("replace", "media")]
    assert plan.refused[0].loses == "every object of the bucket, with its versions"
    assert "the rest of the plan is not known" in plan.warnings[0]
    with pytest.raises(ShopctlError, match="what is protected; nothing was touched") as caught:
        Up(environment, QUIET).apply(plan)
    assert caught.value.last_lines == ("replace Cos.Bucket media",)


def test_destroy_refuses_what_is_protected_and_says_how_to_go_on(
    engine: Engine, environment: Environment
) -> None:
    operation = Destroy(environment, QUIET)
    plan = operation.plan()
    assert [change.name for change in plan.refused] == ["media"]
    with pytest.raises(ShopctlError, match="1 resources of production are protected") as caught:
        operation.apply(plan)
    assert "--unprotect" in str(caught.value.next_step)
    assert len(engine_state.resources(environment)) == 4
    operation = Destroy(environment, QUIET, unprotect=True)
    operation.apply(operation.plan())
    assert engine_state.resources(environment) == []


def test_drift_is_named_and_repaired(engine: Engine, environment: Environment) -> None:
    """What the fast mode forgets is as good as gone."""
    with serve(ANYWHERE, fast=True) as port:
        engine.variables["PULUMI_DEBUG_PROVIDERS"] = f"tencentcloud:{port}"
        drift = engine.drift()
        assert {(c.operation, c.name) for c in drift.changes} >= {("delete", "subnet"), ("delete", "vpc")}
        plan = engine.preview()
        assert {c.name for c in plan.drift} == {c.name for c in drift.changes}
        engine.up()
        assert engine.drift().empty
        assert replace(engine.preview(), steps=()).empty


def test_no_secret_is_in_a_process_list_while_the_engine_works(
    engine: Engine, environment: Environment, program: Program
) -> None:
    """Anybody on the machine can read argument lists; the environment too must not hold what it need not."""
    hidden = [SECRET.encode(), environment.passphrase_file.read_bytes().strip()]
    seen: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                for part in (file, file.with_name("environ")):
                    with contextlib.suppress(OSError):
                        seen.add(part.read_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        program.extra = ["web"]
        engine.set_secret("shop:redisPassword", SECRET)
        engine.up()
        assert engine.outputs() == {}
    finally:
        over.set()
        watcher.join()
    assert any(b"pulumi\0up" in text for text in seen), "the engine was seen at work"
    assert [text for text in seen if any(word in text for word in hidden)] == []
