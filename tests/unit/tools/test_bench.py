"""What the benchmark prints can be trusted."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench import memory
from bench.figures import Figure


def test_parts_and_the_unexplained_rest_are_told() -> None:
    lines = Figure("up", 60.0, 90.0, "s", {"hosts": 15.0, "infrastructure": 30.0}).lines()
    assert "60.0 of 90 s" in lines[0]
    assert "ratio 0.67  ok" in lines[0]
    assert [line.split()[0] for line in lines[1:]] == ["infrastructure", "hosts", "other"]
    assert lines[3].split()[-2:] == ["25.0", "%"]


def test_figure_over_its_limit_is_not_kept() -> None:
    assert not Figure("up", 91.0, 90.0, "s").kept


def test_quick_run_that_changed_something_is_not_kept() -> None:
    figure = Figure("up again", 3.0, 15.0, "s", problem="changed=2")
    assert not figure.kept
    assert "changed=2" in figure.lines()[0]


def test_memory_counts_descendants(tmp_path: Path) -> None:
    waits = "import sys; block = bytearray(64 * 2**20); print('ready', flush=True); sys.stdin.read()"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {waits!r}])"
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdout.readline()
    host = tmp_path / "ins-1"
    host.mkdir()
    (host / "pid").write_text(f"{parent.pid} 12345\n")
    (host / "host.json").write_text(json.dumps({"name": "web-1"}))
    used = memory.by_host(tmp_path)
    parent.stdin.close()
    parent.wait()
    parent.stdout.close()
    assert list(used) == ["web-1"]
    assert 64 * 2**20 < used["web-1"] < 200 * 2**20


def test_host_whose_process_ended_uses_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    host = tmp_path / "ins-2"
    host.mkdir()
    (host / "pid").write_text(f"{child.pid} {os.getpid()}\n")
    (host / "host.json").write_text(json.dumps({"name": "web-2"}))
    assert memory.by_host(tmp_path) == {"web-2": 0}
