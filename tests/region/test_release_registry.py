"""Releases as the operator's machine puts them into the environment's registry, and takes old ones out."""

import contextlib
import json
from pathlib import Path

import pytest

from infra.outputs import StackOutputs
from region import authority
from region.resources.tcr import Instance
from region.resources.tcr_objects import Token
from region.services import registry_config
from shopctl import manifest, paths, registry, release
from shopctl.drivers import oci
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.registry import retention
from shopctl.registry.pruning import Prune, Seen
from shopctl.release import layout
from shopctl.report import Report
from tests.region.conftest import Lab, Made, laboratory, settings_for
from tests.region.registries import SHOP, build, client_of, operator
from tests.region.registry_client import Client
from tests.unit.shopctl.test_registry import OUTPUTS
from tests.unit.shopctl.test_release_keeping import keep

pytestmark = [pytest.mark.region, pytest.mark.slow]

REPORT = Report(quiet=True)
OLD, NEW, NEWEST = (digit * 12 for digit in "123")


def keep_releases_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The images of hosts stay where they are."""
    (folder / "cache").mkdir()
    monkeypatch.setattr(paths, "cache_root", lambda: folder / "cache")


def environment_of(lab: Lab, folder: Path) -> Environment:
    """An environment that this region realises, with its state in a folder."""
    environment = Environment("test", folder / "Pulumi.test.yaml", folder)
    environment.__dict__["region"] = lab.region.settings
    environment.ca_file.write_text(authority.ca(lab.region.name))
    return environment


def outputs_of(client: Client, **changes: str) -> StackOutputs:
    told = {"host": client.domain, "repository": SHOP, "user": client.user, "password": client.token}
    return StackOutputs.parse({**json.loads(OUTPUTS.read_text()), "registry": {**told, **changes}})


@pytest.fixture(scope="module")
def made(lab: Lab) -> dict[str, Made]:
    return build(lab, "release-rtest", operator(lab))


@pytest.fixture
def environment(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    keep_releases_in(tmp_path, monkeypatch)
    return environment_of(lab, tmp_path)


@pytest.fixture
def outputs(lab: Lab, made: dict[str, Made]) -> StackOutputs:
    return outputs_of(client_of(lab, made))


def test_a_release_is_published_once_and_known_by_its_digest(
    environment: Environment, outputs: StackOutputs
) -> None:
    built = keep(OLD, "2026-05-01T12:00:00Z")
    reference = registry.publish(environment, REPORT, outputs, built)
    assert reference == f"release-rtest.tencentcloudcr.com/shop/shop@{built.digest}"
    with registry.opened(environment, outputs) as opened:
        assert oci.holds(opened, built.digest)
        there = oci.tags(opened)
    # Nothing of it is needed any more: what is there is not sent again.
    built.layout.rename(built.layout.with_suffix(".away"))
    assert registry.publish(environment, REPORT, outputs, built) == reference
    with registry.opened(environment, outputs) as opened:
        assert oci.tags(opened) == there


def test_what_is_not_as_it_was_built_is_not_published(
    environment: Environment, outputs: StackOutputs
) -> None:
    built = keep("4" * 12, "2026-05-01T12:00:00Z")
    file = layout.blob(manifest.blobs(), built.layers[-1].digest)
    file.write_bytes(file.read_bytes() + b"more")
    with pytest.raises(ShopctlError, match="is not what was built"):
        registry.publish(environment, REPORT, outputs, built)
    with registry.opened(environment, outputs) as opened:
        assert not oci.holds(opened, built.digest)


def test_no_key_is_left_on_the_machine(environment: Environment, outputs: StackOutputs) -> None:
    with registry.opened(environment, outputs) as opened:
        assert opened.authfile
        assert opened.authfile.stat().st_mode & 0o777 == 0o600
    assert not opened.authfile.parent.exists()


def refused(environment: Environment, outputs: StackOutputs) -> ShopctlError:
    id_ = "5" * 12
    built = manifest.read(id_) or keep(id_, "2026-05-01T12:00:00Z")
    with pytest.raises(ShopctlError) as caught:
        registry.publish(environment, REPORT, outputs, built)
    return caught.value


def test_what_is_wrong_is_said_with_what_to_do(
    lab: Lab, environment: Environment, made: dict[str, Made], outputs: StackOutputs
) -> None:
    wrong = refused(environment, outputs_of(client_of(lab, made), password="wrong"))
    assert wrong.what == "the registry refuses the name or password"
    off = lab.change(Token, made["token"], enable=False)
    assert refused(environment, outputs).what == wrong.what
    lab.change(Token, off, enable=True)
    closed = lab.change(Instance, made["instance"], securityPolicies=[])
    assert refused(environment, outputs).what == "the registry lets nobody in from this address"
    lab.change(Instance, closed, securityPolicies=made["instance"][1]["securityPolicies"])
    lab.run(made["instance"], "systemctl", "stop", "docker-registry")
    assert refused(environment, outputs).what == "the registry does not answer"
    lab.region.host(made["instance"][0]).stop()
    down = refused(environment, outputs)
    assert down.what == "the registry does not answer"
    assert "shopctl" in (down.next_step or "")
    lab.change(Instance, made["instance"])
    registry.publish(environment, REPORT, outputs, release.find("5" * 12))


def test_a_push_outlasts_a_collection_of_garbage(
    lab: Lab, environment: Environment, made: dict[str, Made], outputs: StackOutputs
) -> None:
    built = keep("6" * 12, "2026-05-01T12:00:00Z")
    lab.run(made["instance"], "touch", registry_config.CLEANING)
    lab.serve(made["instance"], "ends", "sh", "-c", f"sleep 2; rm {registry_config.CLEANING}")
    registry.publish(environment, REPORT, outputs, built)
    with registry.opened(environment, outputs) as opened:
        assert oci.holds(opened, built.digest)


def test_old_releases_go_and_what_hosts_have_stays(
    lab: Lab,
    environment: Environment,
    made: dict[str, Made],
    outputs: StackOutputs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = iter(range(1, 10))
    releases = [keep(id_, "2026-05-01T12:00:00Z") for id_ in (OLD, NEW, NEWEST)]
    with registry.opened(environment, outputs) as opened:
        for name in oci.tags(opened):
            oci.remove(opened, name)
        for one in releases:
            oci.push(one.layout, opened, f"2026050{next(moments)}-120000-{one.id}")
        operation = Prune(environment, REPORT, keep=1)
        monkeypatch.setattr(operation, "_look", lambda: Seen(tuple(oci.tags(opened)), frozenset({OLD})))
        monkeypatch.setattr(operation, "_read", lambda: outputs)
        plan = operation.plan()
        assert [change.name[-12:] for change in plan.changes] == [NEW]
        assert oci.tags(opened) == [
            "20260501-120000-" + OLD,
            "20260502-120000-" + NEW,
            "20260503-120000-" + NEWEST,
        ]
        _, gone = operation.apply(plan)
        assert gone.removed == ("20260502-120000-" + NEW,)
        assert [retention.release_of(name) for name in oci.tags(opened)] == [OLD, NEWEST]
        assert not oci.holds(opened, releases[1].digest)
        # What it shared with the others is there still.
        lab.run(made["instance"], "systemctl", "start", "registry-clean.service")
        assert oci.holds(opened, releases[0].digest)
        assert operation.plan().empty
    assert registry.publish(environment, REPORT, outputs, releases[1]).endswith(releases[1].digest)


def test_a_full_registry_is_called_full(
    images: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_releases_in(tmp_path, monkeypatch)
    with laboratory(settings_for("rfull", 4), disk=120) as lab:
        made = build(lab, "full-rtest", operator(lab))
        home = lab.region.host(made["instance"][0]).home / "data"
        with (home / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(4096))
        failure = refused(environment_of(lab, tmp_path), outputs_of(client_of(lab, made)))
        assert failure.what.startswith("the registry could not keep what it was given: it has no room")
        assert "release prune" in (failure.next_step or "")
