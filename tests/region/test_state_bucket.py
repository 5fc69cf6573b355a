"""An environment's state, lease and journal in a bucket: the engine, and two operators, against the region's store."""

import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pulumi
import pytest
import yaml

from region.resources.bucket import Bucket as CosBucket
from region.resources.bucket import BucketPolicy
from region.resources.cam import User
from region.storage import client
from shopctl import journal, lease, paths, secrets
from shopctl.drivers import engine_state
from shopctl.drivers.bucket import Bucket, UnreadableError
from shopctl.drivers.engine import Engine, open_engine
from shopctl.environment import Environment
from shopctl.errors import LeaseHeldError
from shopctl.journal import Entry
from shopctl.lease import EXPIRES_AFTER, Held, Process, Record
from shopctl.operation import Options, perform
from shopctl.plan import Plan
from shopctl.report import Report
from tests.region.conftest import NET, Lab
from tests.region.test_storage import policy

pytestmark = [pytest.mark.region, pytest.mark.slow]

STATE = "shop-state-1250000000"
SECRET = "Correct_horse_battery_staple_1"
FAR = Process("eve", "another-machine", 300, 7000)


@pytest.fixture(scope="module")
def keys(lab: Lab) -> dict[str, str]:
    """The state's bucket, and the keys of a user who may work in it."""
    lab.make(CosBucket, "state", {"bucket": STATE, "versioningEnable": True})
    user = lab.make(User, "operator", {"name": "operator", "useApi": True})
    text = policy(STATE, user[1]["uin"], public=False)
    lab.make(BucketPolicy, "state-policy", {"bucket": STATE, "policy": text})
    return {
        "TENCENTCLOUD_SECRET_ID": user[1]["secretId"],
        "TENCENTCLOUD_SECRET_KEY": user[1]["secretKey"],
        "AWS_CA_BUNDLE": str(lab.region.settings.root / "authority/ca.pem"),
    }


@pytest.fixture
def environment(keys: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Staging, with its state in the region's store."""
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    settings = yaml.safe_load(paths.stack_files()["staging"].read_text())
    settings["config"]["shop:state"] = {
        "bucket": STATE,
        "region": "ap-guangzhou",
        "endpoint": f"https://{NET}.240.2",
        "path_style": True,
    }
    file = tmp_path / "Pulumi.staging.yaml"
    file.write_text(yaml.safe_dump(settings))
    return Environment("staging", file, tmp_path / "state")


@pytest.fixture
def engine(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The real engine with a program that needs no provider."""

    def program() -> None:
        pulumi.export("password", pulumi.Config("shop").require_secret("redisPassword"))

    monkeypatch.setattr("infra.program.program", program)
    secrets.ensure_passphrase(environment.passphrase_file)
    with open_engine(environment, Report(quiet=True), provider=False) as engine:
        project = environment.workspace / "Pulumi.yaml"
        project.write_text((paths.REPOSITORY / "infra/Pulumi.yaml").read_text())
        engine.initialise()
        yield engine


def everything(lab: Lab) -> dict[str, bytes]:
    """All that lies in the bucket, old versions too."""
    s3 = client(lab.region)
    versions = s3.list_object_versions(Bucket=STATE).get("Versions", [])
    return {
        f"{v['Key']} {v['VersionId']}": s3.get_object(Bucket=STATE, Key=v["Key"], VersionId=v["VersionId"])[
            "Body"
        ].read()
        for v in versions
    }


def test_the_engines_state_is_in_the_bucket_without_a_secret_in_plain_text(
    lab: Lab, engine: Engine, environment: Environment, keys: dict[str, str]
) -> None:
    engine.set_secret("shop:redisPassword", SECRET)
    engine.up()
    assert engine.outputs() == {"password": SECRET}
    assert engine_state.exists(environment)
    kept = everything(lab)
    assert any(key.startswith(engine_state.state_key(environment)) for key in kept)
    passphrase = environment.passphrase_file.read_text()
    for hidden in (SECRET, passphrase, keys["TENCENTCLOUD_SECRET_KEY"]):
        assert not [key for key, content in kept.items() if hidden.encode() in content]
    local = [file for file in environment.state_dir.rglob("*") if file.is_file()]
    assert not [file for file in local if SECRET.encode() in file.read_bytes()]
    assert not environment.backend.joinpath(".pulumi").exists(), "nothing of the state is on this machine"


def test_another_operator_sees_the_same_state(
    engine: Engine, environment: Environment, tmp_path: Path
) -> None:
    engine.set_secret("shop:redisPassword", SECRET)
    engine.up()
    other = replace(environment, state_dir=tmp_path / "other")
    secrets.write_private(other.passphrase_file, environment.passphrase_file.read_text())
    assert engine_state.fingerprint(other) == engine_state.fingerprint(environment) != "none"
    with open_engine(other, Report(quiet=True), provider=False) as theirs:
        (other.workspace / "Pulumi.yaml").write_text((paths.REPOSITORY / "infra/Pulumi.yaml").read_text())
        assert theirs.outputs() == {"password": SECRET}


def test_a_killed_engines_lock_is_removed(lab: Lab, engine: Engine, environment: Environment) -> None:
    key = f".pulumi/locks/organization/shop/{environment.name}/dead.json"
    lock = {
        "pid": 4000000,
        "username": "eve",
        "hostname": "another-machine",
        "timestamp": "2026-01-01T00:00:00Z",
    }
    client(lab.region).put_object(Bucket=STATE, Key=key, Body=json.dumps(lock).encode())
    engine.set_secret("shop:redisPassword", SECRET)
    engine_state.remove_dead_locks(environment, Report(quiet=True))
    engine.up()
    assert engine.outputs() == {"password": SECRET}


def test_keys_that_are_refused_and_a_store_that_is_not_there(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "wrong")
    with pytest.raises(UnreadableError, match="SignatureDoesNotMatch"):
        engine_state.exists(environment)
    monkeypatch.delenv("TENCENTCLOUD_SECRET_ID")
    with pytest.raises(
        UnreadableError, match="TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set"
    ):
        engine_state.exists(environment)
    assert environment.bucket is not None
    nowhere = environment.bucket.model_copy(update={"endpoint": "https://127.0.0.1:9"})
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "any")
    with pytest.raises(UnreadableError, match=r"127\.0\.0\.1:9"):
        Bucket(nowhere).get("key")


HOLDER = """
import sys, time
from pathlib import Path
from shopctl import lease
from shopctl.environment import Environment
from shopctl.lease import Record

environment = Environment("staging", Path(sys.argv[1]), Path(sys.argv[2]))
with lease.hold(lease.of(environment), "up", environment="staging"):
    print("held", flush=True)
    time.sleep(120)
"""


def test_two_processes_contend_and_a_killed_holder_is_passed_over(
    environment: Environment, tmp_path: Path
) -> None:
    argv = [
        sys.executable,
        "-c",
        textwrap.dedent(HOLDER),
        str(environment.config_file),
        str(tmp_path / "theirs"),
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=paths.REPOSITORY) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(LeaseHeldError, match=rf"up of staging by .*\(pid {holder.pid}\), since 20"),
            lease.hold(lease.of(environment), "destroy", environment="staging"),
        ):
            pass
        holder.kill()
    taken = lease.of(environment)
    with lease.hold(taken, "destroy", environment="staging"):
        assert taken.killed is not None
        assert (taken.killed.operation, taken.killed.holder.pid) == ("up", holder.pid)
    assert taken.read() is None


def test_another_machines_lease_is_free_when_it_expires(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store tells when it was written; nobody's clock has to be right."""
    assert environment.bucket is not None
    claim = Record(FAR, "up", time.time() + 9999, time.time() + 9999, "theirs")
    Bucket(environment.bucket).put("shopctl/lease/staging/theirs.json", json.dumps(asdict(claim)).encode())
    mine = lease.of(environment)
    assert isinstance(mine.try_take("up"), Held)
    monkeypatch.setattr("shopctl.lease_bucket.EXPIRES_AFTER", 1.0)
    time.sleep(2.5)
    taken = mine.try_take("up")
    assert isinstance(taken, Record)
    mine.give_back(taken)
    assert EXPIRES_AFTER > 1.0


class Nothing:
    """An operation that succeeds."""

    name = "destroy"

    def plan(self) -> Plan:
        return Plan("destroy", "staging")

    def apply(self, planned: Plan | None) -> tuple[Plan, None]:
        return self.plan(), None


def line(number: int) -> Entry:
    started = f"2026-05-01T12:00:{number:02}Z"
    return Entry(
        f"id{number}", "deploy", "staging", "ann@desk", started, 1.0, "succeeded", {}, None, {"n": "中文"}
    )


def test_operators_see_each_others_journal(environment: Environment, tmp_path: Path) -> None:
    # Under a name of its own: other tests' operations leave lines, too.
    desks = [replace(environment, name="shared", state_dir=tmp_path / name) for name in ("ann", "eve")]
    for number in range(6):
        journal.of(desks[number % 2], pytest.fail).append(line(number))
    for desk in desks:
        assert journal.of(desk, pytest.fail).last(4) == [line(number) for number in range(2, 6)]
        assert len(list(journal.read(desk.journal_file))) == 3


def test_what_the_store_missed_is_brought_up_when_it_is_there_again(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = replace(environment, name="missed")
    theirs = replace(mine, state_dir=tmp_path / "theirs")
    warned: list[str] = []
    with monkeypatch.context() as refused:
        refused.setenv("TENCENTCLOUD_SECRET_KEY", "wrong")
        journal.of(mine, warned.append).append(line(1))
        assert journal.of(mine, warned.append).last(9) == [line(1)]
    assert len(warned) == 2
    assert all("SignatureDoesNotMatch" in warning for warning in warned)
    assert journal.of(theirs, pytest.fail).last(9) == []
    journal.of(mine, pytest.fail).append(line(2))
    assert journal.of(theirs, pytest.fail).last(9) == [line(1), line(2)]


def test_another_operator_writes_down_that_a_holder_was_killed(
    environment: Environment, tmp_path: Path
) -> None:
    theirs = replace(environment, state_dir=tmp_path / "theirs")
    argv = [sys.executable, "-c", textwrap.dedent(HOLDER), str(theirs.config_file), str(theirs.state_dir)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=paths.REPOSITORY) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    perform(
        Nothing(),
        environment,
        Options(yes=True),
        Report(quiet=True),
        show=lambda _: None,
        confirm=lambda _: True,
    )
    # They may have begun within one second, in which the journal knows no order.
    found = {(entry.operation, entry.outcome) for entry in journal.of(theirs, pytest.fail).last(2)}
    assert found == {("up", "killed"), ("destroy", "succeeded")}
