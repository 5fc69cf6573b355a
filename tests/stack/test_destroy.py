"""`destroy` leaves no trace. Runs last: it takes the stack away."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from region import teardown
from region.settings import REGIONS_ROOT
from tests.region.machine import command_line, machine
from tests.stack.conftest import ENVIRONMENT, KILLS, Stack, shopctl
from tests.stack.kills import kills, moments, seed, table

SECONDS = 10.0
"""How long a whole `destroy` takes, about."""


def test_a_destroy_that_was_killed_again_and_again_is_finished_by_the_next_without_a_trace(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if os.environ.get("SHOPCTL_KEEP"):
        pytest.fail("SHOPCTL_KEEP is set: the stack is kept, so that its removal can't be tested")
    assert teardown.find(ENVIRONMENT).processes, "there was nothing to destroy"
    seen = kills(ENVIRONMENT, "destroy", moments(KILLS, SECONDS, seed()), tmp_path)
    with capsys.disabled():
        print(f"\n{table(seen)}")
    assert {moment.ended for moment in seen} <= {None, 0}
    shopctl("destroy", "--yes")
    assert not teardown.find(ENVIRONMENT)
    assert not (REGIONS_ROOT / ENVIRONMENT).exists()
    names = [subprocess.run(argv, capture_output=True, text=True, check=True).stdout for argv in _LISTS]
    assert not [
        line
        for text in names
        for line in text.splitlines()
        if f"shopctl-{ENVIRONMENT}-" in line or "10.78." in line
    ]
    if stack.before:
        after = machine(ENVIRONMENT, "10.78.")
        for what in ("firewall", "routes", "rules", "names", "settings", "namespaces"):
            assert after[what] == stack.before[what], what
    for entry in Path("/proc").glob("[0-9]*"):
        assert f"shopctl-{ENVIRONMENT}-".encode() not in command_line(entry)
    status = json.loads(shopctl("status", "--json", expect=1))
    assert status["healthy"] is False


_LISTS = (["ip", "netns", "list"], ["mount"], ["ip", "route", "show", "table", "all"], ["ip", "-o", "link"])
