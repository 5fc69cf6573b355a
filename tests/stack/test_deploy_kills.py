"""`kill -9` of a deploy at random moments: nobody notices, and the next run ends in one version."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.stack import releases
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl
from tests.stack.kills import moments, seed
from tests.stack.releases import running, serving
from tests.stack.shoppers import shopping

KILLS = int(os.environ.get("SHOPCTL_DEPLOY_KILLS", "5"))
"""How often a deploy is killed. Thirty take some twenty minutes: `SHOPCTL_DEPLOY_KILLS=30`."""

CHANGE_OVER = 0.4
"""About what part of a deploy is over when containers start."""


@dataclass(frozen=True)
class Moment:
    """One kill, `after` how many seconds, and what was there then."""

    after: float
    ended: int | None
    serving: set[str]
    running: set[str]
    said: str
    then: str

    def line(self) -> str:
        """For the table of all moments."""
        how = "killed" if self.ended is None else f"ended by itself, exit {self.ended}"
        serves = " and ".join(sorted(self.serving))
        beside = ", ".join(sorted(self.running - self.serving))
        return (
            f"{self.after:5.1f} s  {how}: {serves} served{f', {beside} beside' if beside else ''}; "
            f"then `{self.then}`; last line: {self.said}"
        )


def kill(release: str, after: float, log: Path, then: str) -> Moment:
    """Start a deploy, kill it after so many seconds, and look at what is there."""
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, "deploy", release, "--yes"]
    with log.open("wb") as said, subprocess.Popen(argv, stdout=said, stderr=said, cwd=REPOSITORY) as process:
        ended: int | None = None
        try:
            ended = process.wait(after)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    lines = log.read_text(errors="replace").splitlines() or [""]
    return Moment(after, ended, serving(), running(), lines[-1].strip()[:80], then)


@pytest.mark.timeout(3600)
def test_after_each_of_many_kills_the_next_run_ends_in_one_version(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (first,) = serving()
    pair = [releases.good(tmp_path / name, f"kills {name}") for name in ("one", "two")]
    shopctl("deploy", pair[0], "--yes", "--no-judge")
    began = time.monotonic()
    shopctl("deploy", pair[1], "--yes")
    whole = time.monotonic() - began
    chance = random.Random(seed())
    seen: list[Moment] = []
    with shopping(5) as told:
        for number, moment in enumerate(moments(KILLS, whole, chance.randrange(1_000_000))):
            # Every other one falls into the change-over, where most can go wrong.
            after = moment if number % 2 else CHANGE_OVER * whole + moment * (1 - CHANGE_OVER)
            (now,) = releases.releases(serving())
            target = pair[1 - pair.index(now)]
            # The next run may want the same, or something else: what was begun must not matter.
            then = chance.choice(pair)
            seen.append(kill(target, after, tmp_path / f"{number}.log", then))
            shopctl("deploy", then, "--yes", "--no-judge")
            assert releases.releases(serving()) == {then}, seen[-1].line()
            assert running() == serving(), seen[-1].line()
            assert len(serving()) == 1, seen[-1].line()
    with capsys.disabled():
        print("\n" + "\n".join(moment.line() for moment in seen))
    shopctl("rollback", first, "--yes")
    told.assert_kept()
    assert told.failed == 0, told.report["troubles"]
    assert {moment.ended for moment in seen} <= {None, 0}
