"""Which processes are in a host's control groups, while these come and go."""

import threading
from pathlib import Path

import pytest

from region import cgroups


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine's control groups, with those of one host in them."""
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    (tmp_path / "cgroup.subtree_control").write_text("memory")
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    for number, inside in enumerate(("", "payload", "payload/init.scope", "supervisor"), start=1):
        group = tmp_path / "shopctl-r" / "ins-1" / inside
        group.mkdir(parents=True, exist_ok=True)
        (group / "cgroup.procs").write_text(f"{number}\n")
    return tmp_path


def test_a_hosts_processes_are_those_of_all_groups_under_its_own(root: Path) -> None:
    assert cgroups.processes("r", "ins-1") == (1, 2, 3, 4)
    assert cgroups.processes("r") == (1, 2, 3, 4)
    assert cgroups.processes("r", "ins-2") == ()
    assert cgroups.controllers() == {"memory": root}


def test_groups_that_go_while_they_are_looked_at_are_no_failure(root: Path) -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            for number in range(20):
                group = root / f"shopctl-r/ins-1/payload/{number}"
                group.mkdir()
                (group / "cgroup.procs").write_text("9")
            for number in range(20):
                group = root / f"shopctl-r/ins-1/payload/{number}"
                (group / "cgroup.procs").unlink()
                group.rmdir()

    changing = threading.Thread(target=come_and_go)
    changing.start()
    try:
        for _ in range(300):
            assert set(cgroups.processes("r", "ins-1")) - {9} == {1, 2, 3, 4}
    finally:
        over.set()
        changing.join()
