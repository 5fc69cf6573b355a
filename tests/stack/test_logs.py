"""The hosts' logs: what was, what comes, and that nothing is left on the hosts afterwards."""

import json
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl

MARK = "journalctl --no-pager --quiet --all --output=json --output-fields"


def ask(stack: Stack, name: str) -> None:
    """Four requests that can be found again; the balancer spreads them. A stranger's are never answered from memory."""
    url, header = f"https://{stack.outputs['domain']}/api/v1/me", f"X-Request-ID: {name}"
    assert {stack.curl(url, stack.vip, "--header", header).status for _ in range(4)} == {401}


def followed(tmp_path: Path, *words: str) -> subprocess.Popen[bytes]:
    argv = ["env", "--default-signal=INT", sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT]
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        return subprocess.Popen([*argv, "logs", "web", "-f", *words], stdout=out, stderr=err, cwd=REPOSITORY)


def lines(tmp_path: Path) -> list[dict[str, Any]]:
    # What follows the last end of a line is still being written.
    whole, _, _ = (tmp_path / "out").read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def until(what: Any, seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.2)


def readers() -> int:
    """journalctl processes of ours on the web hosts."""
    argv = ["run", "--json", "web", "--", "pgrep", "-fc", f"^{MARK}"]
    # pgrep's exit code is 1 where there is none.
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT, *argv],
        capture_output=True, text=True, timeout=60, cwd=REPOSITORY, check=False,
    )  # fmt: skip
    return sum(int(answer["stdout"]) for answer in json.loads(done.stdout))


def test_what_comes_is_told_in_order_also_after_a_stream_broke(stack: Stack, tmp_path: Path) -> None:
    first, second = (f"t-{secrets.token_hex(6)}" for _ in range(2))
    with followed(tmp_path, "--group", "user", "-n", "0", "--json") as process:
        try:
            until(lambda: readers() == 2)
            ask(stack, first)
            until(lambda: sum(line.get("request_id") == first for line in lines(tmp_path)) == 4)
            shopctl("run", "web-2", "--", "pkill", "-f", f"^{MARK}")
            # These come while nobody reads there.
            ask(stack, second)
            until(lambda: sum(line.get("request_id") == second for line in lines(tmp_path)) == 4)
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 0
    found = lines(tmp_path)
    assert {line["group"] for line in found} == {"user"}
    assert {line["host"] for line in found} == {"web-1", "web-2"}
    of_first = [line["at"] for line in found if line.get("request_id") == first]
    assert of_first == sorted(of_first)
    said = (tmp_path / "err").read_text()
    assert "web-2 --- away:" in said
    assert "web-2 --- back ---" in said
    until(lambda: readers() == 0, 10)


def test_one_that_was_killed_leaves_nothing_on_the_hosts(stack: Stack, tmp_path: Path) -> None:
    with followed(tmp_path, "-n", "0") as process:
        until(lambda: readers() == 2)
        process.kill()
    until(lambda: readers() == 0, 10)


def test_the_past_is_found_by_group_and_by_words(stack: Stack) -> None:
    name = f"t-{secrets.token_hex(6)}"
    ask(stack, name)
    told: list[str] = []

    def all_told() -> bool:
        told[:] = shopctl("logs", "web", "--group", "user", "--grep", name).splitlines()
        return len(told) >= 4

    until(all_told)
    assert len(told) == 4
    assert all("GET /api/v1/me 401" in line for line in told)
    assert {line.split()[0] for line in told} == {"web-1", "web-2"}
    assert shopctl("logs", "web", "--group", "trade", "--grep", name) == ""
    raw = shopctl("logs", "web", "--group", "user", "--grep", name, "--raw", "-n", "1")
    assert json.loads(raw.partition(" ")[2])["request_id"] == name
    assert shopctl("logs", "web", "--group", "user", "--grep", name, "--level", "warning") == ""
