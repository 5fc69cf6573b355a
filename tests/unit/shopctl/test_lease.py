"""Who may take the lease, and what becomes of it when its holder dies."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from shopctl import lease
from shopctl.errors import LeaseHeldError, ShopctlError
from shopctl.lease import FileLease, Held, Process, Record, Take, decide, hold

ME = Process("ann", "desk", 100, 5000)
OTHER = Process("bob", "desk", 200, 6000)
FAR = Process("eve", "server", 300, 7000)
NOW = 1_000_000.0


def record(holder: Process, expires: float = NOW + 30) -> Record:
    return Record(holder, "up", NOW - 100, expires, "token")


@pytest.mark.parametrize(
    ("held", "alive", "free"),
    [
        pytest.param(None, True, True, id="nobody has it"),
        pytest.param(record(ME), True, True, id="this process has it"),
        pytest.param(record(OTHER), True, False, id="a living process of this machine has it"),
        pytest.param(record(OTHER), False, True, id="its process is gone, long before it expires"),
        pytest.param(record(OTHER, NOW - 1), True, True, id="its process lives, but let it expire"),
        pytest.param(record(FAR), False, False, id="another machine's processes can't be seen: wait"),
        pytest.param(record(FAR, NOW), False, True, id="another machine's lease expired just now"),
        pytest.param(record(replace(ME, started=1)), False, True, id="same pid, but an earlier process"),
    ],
)
def test_decision(held: Record | None, alive: bool, free: bool) -> None:
    decision = decide(held, NOW, ME, lambda _: alive)
    assert isinstance(decision, Take if free else Held)


def test_a_second_operation_is_told_who_holds_it_and_since_when(tmp_path: Path) -> None:
    file = tmp_path / "lease.json"
    _write(file, replace(record(FAR, time.time() + 60), since=0))
    with pytest.raises(LeaseHeldError) as raised, hold(FileLease(file), "destroy", environment="local"):
        pass
    assert raised.value.exit_code == 3
    assert raised.value.what == (
        "local is being worked on: up of local by eve@server (pid 300), since 1970-01-01T00:00:00Z"
    )
    assert "--wait" in (raised.value.next_step or "")


def test_waiting_gets_it_when_the_holder_gives_it_back(tmp_path: Path) -> None:
    file = tmp_path / "lease.json"
    _write(file, record(FAR, time.time() + 60))
    timer = threading.Timer(0.2, file.unlink)
    timer.start()
    said: list[str] = []
    with hold(FileLease(file), "up", environment="local", wait=True, waiting=said.append):
        assert FileLease(file).read() is not None
    timer.join()
    assert len(said) == 1


def test_it_is_given_back_after_the_operation_and_after_its_failure(tmp_path: Path) -> None:
    file = tmp_path / "lease.json"
    with hold(FileLease(file), "up", environment="local"):
        assert json.loads(file.read_text())["operation"] == "up"
    assert not file.exists()
    with pytest.raises(ValueError, match="broken"), hold(FileLease(file), "up", environment="local"):
        raise ValueError("broken")
    assert not file.exists()


def test_a_killed_holder_does_not_block_the_next_operation(tmp_path: Path) -> None:
    file = tmp_path / "lease.json"
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom shopctl.lease import FileLease\n"
        "FileLease(Path(sys.argv[1])).try_take('up')\nprint('taken', flush=True)\ntime.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"
    assert isinstance(FileLease(file).try_take("up"), Held)
    process.kill()
    # Not waited for yet: a zombie has ended, too.
    process.stdout.close()
    _wait_until_dead(process.pid)
    assert isinstance(FileLease(file).try_take("up"), Record)
    process.wait()


def test_the_heartbeat_keeps_it_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "HEARTBEAT", 0.02)
    file = tmp_path / "lease.json"
    with hold(FileLease(file), "up", environment="local") as taken:
        limit = time.monotonic() + 60
        while True:
            current = FileLease(file).read()
            assert current is not None
            if current.expires > taken.expires:
                break
            assert time.monotonic() < limit, "the heartbeat renews nothing"
            time.sleep(0.01)


def test_a_lease_that_somebody_else_took_is_neither_renewed_nor_removed(tmp_path: Path) -> None:
    file = tmp_path / "lease.json"
    mine = FileLease(file).try_take("up")
    assert isinstance(mine, Record)
    _write(file, replace(record(FAR, time.time() + 60), token="theirs"))
    with pytest.raises(ShopctlError, match="lost"):
        FileLease(file).renew(mine)
    FileLease(file).give_back(mine)
    assert file.exists()


@pytest.mark.parametrize("content", ["", "{", '{"holder": 1}', "[]"])
def test_a_torn_record_counts_as_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "lease.json"
    file.write_text(content)
    assert isinstance(FileLease(file).try_take("up"), Record)


def _write(file: Path, content: Record) -> None:
    lease.FileLease(file)._write(content)


def _wait_until_dead(pid: int) -> None:
    limit = time.monotonic() + 60
    while lease.start_time(pid) is not None and time.monotonic() < limit:
        time.sleep(0.01)
    assert os.getpid() != pid


def test_how_an_operation_went_is_told_also_when_its_lease_cannot_be_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: FileLease, record: Record) -> None:
        raise OSError("no route to the store")

    monkeypatch.setattr(FileLease, "give_back", away)
    said: list[str] = []
    with hold(FileLease(tmp_path / "lease.json"), "up", environment="test", waiting=said.append):
        pass
    assert said == ["the lease was not given back, and is free 60 s from now: no route to the store"]
    other = FileLease(tmp_path / "other.json")
    with (
        pytest.raises(ShopctlError, match="web-1 died"),
        hold(other, "up", environment="test", waiting=said.append),
    ):
        raise ShopctlError("web-1 died")
