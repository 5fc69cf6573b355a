"""`up` killed again and again while it repairs: the next one finishes."""

import json
from pathlib import Path

import pytest

from tests.stack.conftest import ENVIRONMENT, KILLS, Stack, shopctl
from tests.stack.kills import kills, moments, seed, table
from tests.stack.test_drift import DRIFTS

SECONDS = 15.0
"""How long it takes to see and to repair what is broken here, about."""
BROKEN = (
    "a firewall's chain is flushed",
    "an account is dropped",
    "a parameter is changed by hand",
    "a bucket's policy is gone",
    "a record is missing",
    "a balancer's backend is removed",
)


def test_a_repair_that_was_killed_again_and_again_is_finished_by_the_next(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_what_is_whole() -> None:
        for what in BROKEN:
            if DRIFTS[what].mended(stack):
                DRIFTS[what].do(stack)

    seen = kills(ENVIRONMENT, "up", moments(KILLS, SECONDS, seed()), tmp_path, before=break_what_is_whole)
    with capsys.disabled():
        print(f"\n{table(seen)}")
    assert {moment.ended for moment in seen} <= {None, 0}
    shopctl("up", "--yes")
    assert all(DRIFTS[what].mended(stack) for what in BROKEN)
    assert json.loads(shopctl("refresh", "--dry-run", "--json"))["changes"] == []
