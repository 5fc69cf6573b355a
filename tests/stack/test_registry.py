"""Where the hosts' releases come from, and what may go."""

import json
import re
from pathlib import Path

from shopctl import registry
from shopctl.drivers import oci
from shopctl.environment import Environment
from shopctl.outputs import parse
from shopctl.registry import retention
from shopctl.registry.pruning import Prune
from shopctl.report import Report
from tests.stack import releases
from tests.stack.conftest import ENVIRONMENT, Stack, shopctl


def tags(stack: Stack) -> dict[str, str]:
    """Of the registry, by release."""
    environment = Environment.load(ENVIRONMENT)
    with registry.opened(environment, parse(environment, stack.outputs)) as opened:
        return {retention.release_of(name) or name: name for name in oci.tags(opened)}


def test_containers_run_from_the_digest_that_was_built(stack: Stack) -> None:
    (release,) = releases.releases(releases.running())
    built = json.loads(shopctl("release", "show", release, "--json"))
    place = f"{stack.outputs['registry']['host']}/{stack.outputs['registry']['repository']}"
    said = shopctl("run", "web", "--", "podman", "ps", "--no-trunc", "--format", "{{.Names}} {{.Image}}")
    images = {line.split()[-1] for line in said.splitlines() if " | shop-" in line}
    assert images == {f"{place}@{built['digest']}"}
    assert release in tags(stack)


def test_only_root_has_the_key_and_no_process_shows_it(stack: Stack) -> None:
    said = shopctl("run", "web", "--", "stat", "--format=%a %U", "/etc/shop/registry.json")
    assert [line.split(" | ")[1] for line in said.splitlines()] == ["600 root"] * 2
    for host in ("web", "ops"):
        assert stack.outputs["registry"]["password"] not in shopctl("run", host, "--", "ps", "axww")


def test_status_asks_the_registry(stack: Stack) -> None:
    told = {each["name"]: each for each in json.loads(shopctl("status", "--json"))["components"]}
    assert told["releases"]["state"] == "healthy"
    assert re.search(r"/shop/shop: [1-9]\d* images", told["releases"]["detail"])


def test_what_the_hosts_have_is_not_pruned(stack: Stack, tmp_path: Path) -> None:
    (before,) = releases.serving()
    old = releases.good(tmp_path / "old", "pruned")
    shopctl("deploy", old, "--yes", "--no-judge")
    shopctl("rollback", before, "--yes")
    # Not by the command, which prunes this machine's own releases too.
    operation = Prune(Environment.load(ENVIRONMENT), Report(quiet=True), keep=1)
    _, summary = operation.apply(operation.plan())
    there = set(tags(stack))
    # It could still be gone back to.
    assert {old, *releases.releases(releases.serving())} <= there & summary.needed
    assert there.isdisjoint(retention.release_of(name) or "" for name in summary.removed)
