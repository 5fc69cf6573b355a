"""The ledger survives what may happen to its writer: a kill in the middle, a torn line, a second writer after it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from shopctl.shopper import history, ledger
from shopctl.shopper.ledger import Ledger

ROOT = Path(__file__).resolve().parents[3]
# Writes as several shoppers at once, and says on standard output what it knows to be on the disk.
WRITER = """
import sys, threading
from pathlib import Path
from shopctl.shopper.ledger import Ledger
kept = Ledger(Path(sys.argv[1]))
def shopper(name):
    for n in range(10**6):
        mine = kept.intend("order", name, "", {"path": "/orders", "body": {"remark": "顾客" * 50}})
        money = dict.fromkeys(["goods_fen", "freight_fen", "discount_fen", "total_fen", "refunded_fen"], 0)
        order = {"number": f"{name}-{n}", "state": "pending", "items": [], **money}
        kept.settle(mine, "acknowledged", {"order": order})
        sys.stdout.write(f"{name}-{n}\\n")
        sys.stdout.flush()
for name in "abcd":
    threading.Thread(target=shopper, args=(name,), daemon=True).start()
threading.Event().wait()
"""


@pytest.mark.parametrize("moment", [0.3, 0.5, 0.9])
def test_a_kill_leaves_everything_that_was_acknowledged(tmp_path: Path, moment: float) -> None:
    file = tmp_path / "loads" / "l" / "ledger.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, cwd=ROOT
    ) as writer:
        assert writer.stdout
        # However slow the disk is.
        first = [writer.stdout.readline().decode().strip() for _ in range(21)]
        time.sleep(moment)
        os.kill(writer.pid, signal.SIGKILL)
        told = {*first, *writer.stdout.read().decode().split()}
    read = history.read(ledger.lines(file))
    # The last word of a killed process may itself be torn.
    missing = told - set(read.orders)
    assert len(told) > 20
    assert all(any(number.startswith(name) for number in read.orders) for name in missing)
    # What had been asked when the kill came is in doubt, one request for each shopper at most.
    assert len(read.doubts) <= 4
    assert {doubt.what for doubt in read.doubts} <= {"order"}


def test_what_was_torn_does_not_swallow_the_next_line(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with Ledger(file) as kept:
        first = kept.intend("cancel", "s1", "A", {})
        kept.settle(first, "acknowledged", {})
    whole = file.read_bytes()
    for cut in range(1, 40):
        file.write_bytes(whole + whole[:cut])
        with Ledger(file) as kept:
            second = kept.intend("cancel", "s1", "B", {})
        assert second == first + 1
        assert [line.get("about") for line in ledger.lines(file) if line["kind"] == "intent"] == ["A", "B"]


def test_a_doubt_that_was_resolved_later_is_an_acknowledgement(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with Ledger(file) as kept:
        mine = kept.intend("cancel", "s1", "A", {"body": None})
        kept.settle(mine, "doubt", {"code": "timeout"})
        never = kept.intend("receive", "s1", "B", {"body": None})
    assert {doubt.about for doubt in history.read(ledger.lines(file)).doubts} == {"A", "B"}
    with Ledger(file) as kept:
        kept.settle(mine, "acknowledged", {})
        kept.settle(never, "refused", {})
    read = history.read(ledger.lines(file))
    assert (read.doubts, [one.about for one in read.acknowledged]) == ((), ["A"])


def test_threads_do_not_mix_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with Ledger(file) as kept:

        def shopper(name: str) -> None:
            for _ in range(50):
                kept.settle(kept.intend("message", name, "好" * 500, {}), "acknowledged", {})

        threads = [threading.Thread(target=shopper, args=(f"s{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    raw = file.read_text(encoding="utf-8").splitlines()
    assert len(raw) == 800
    ids = [json.loads(line)["id"] for line in raw if json.loads(line)["kind"] == "intent"]
    assert sorted(ids) == list(range(1, 401))


def test_a_full_disk_is_not_taken_for_success(tmp_path: Path) -> None:
    full = Path("/dev/full")
    with Ledger(tmp_path / "ledger.jsonl") as kept:
        kept._file, real = os.open(full, os.O_WRONLY), kept._file
        with pytest.raises(OSError, match="No space left"):
            kept.settle(1, "acknowledged", {})
        os.close(kept._file)
        kept._file = real
