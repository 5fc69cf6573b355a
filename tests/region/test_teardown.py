"""A region goes without a trace, whatever happened to it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from region import limits, teardown
from region.hosts import folder, list_hosts
from tests.region.conftest import NET, NET_1, Lab, laboratory, settings_for, until
from tests.region.machine import machine

pytestmark = [pytest.mark.region, pytest.mark.slow]

GONE = settings_for("rgone", 1)
CREATE = """
import json, sys
from region.region import Region
from region.resources.instance import Instance
from region.settings import RegionSettings
settings, inputs = json.loads(sys.stdin.read())
for number in range(9):
    Instance(Region(RegionSettings(**settings))).create(f"ins-{number}", {**inputs, "hostname": f"web-{number}"})
"""


def interrupt(lab: Lab) -> None:
    """Kill a creation of hosts at its third one."""
    creating = subprocess.Popen([sys.executable, "-c", CREATE], stdin=subprocess.PIPE, text=True)
    assert creating.stdin
    creating.stdin.write(json.dumps([asdict(lab.region.settings), lab.instance_inputs("web")]))
    creating.stdin.close()
    until(lambda: (folder(GONE.name, "ins-2") / "pid").exists(), 30)
    creating.kill()
    creating.wait()


def command(process: int) -> str:
    """A process's command; nothing when it has ended meanwhile, as a booting host's often have."""
    try:
        return Path(f"/proc/{process}/comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


@pytest.mark.parametrize("accident", ["creation killed", "supervisors killed too", "records lost", "nothing"])
def test_nothing_of_a_region_stays(images: None, accident: str) -> None:
    teardown.destroy(GONE.name)  # what an interrupted run of the tests left
    before = machine(GONE.name, f"{NET_1}.")
    with laboratory(GONE) as lab:
        if accident != "nothing":
            interrupt(lab)
        if accident == "supervisors killed too":
            # Their hosts go on without them.
            for process in teardown.find(GONE.name).processes:
                if command(process) == "systemd-nspawn\n":
                    os.kill(process, signal.SIGKILL)
        if accident == "records lost":
            shutil.rmtree(GONE.root / "records")
            for file in GONE.root.glob("hosts/*/*.json"):
                file.unlink()
        there = teardown.find(GONE.name)
        assert there
        assert there.mounts
        assert there.namespaces
        assert there.routes
        assert there.links
        assert there.groups
        assert machine(GONE.name, f"{NET_1}.") != before
        teardown.destroy(GONE.name)
        assert not teardown.find(GONE.name)
        assert machine(GONE.name, f"{NET_1}.") == before
        teardown.destroy(GONE.name)


def test_another_region_is_left_alone(lab: Lab) -> None:
    made = lab.instance("stays")
    with laboratory(GONE):
        teardown.destroy(GONE.name)
    assert [host.state for host in list_hosts(lab.region.name) if host.name == "stays"] == ["running"]
    assert lab.run(made, "hostname").strip() == "stays"
    assert lab.knock(made, f"{NET}.0.2", 53) == "open"


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A setting of its own in place of the machine's."""
    file = tmp_path / "max_user_instances"
    file.write_text("128\n")
    monkeypatch.setattr(limits, "SETTING", file)
    monkeypatch.setattr(limits, "BEFORE", tmp_path / "state" / "before")
    return file


def test_the_machines_limit_is_raised_once_and_set_back(setting: Path) -> None:
    limits.raise_limit()
    limits.raise_limit()
    assert int(setting.read_text()) == limits.WANTED
    limits.restore_limit()
    assert int(setting.read_text()) == 128
    setting.write_text("500")
    limits.restore_limit()
    assert int(setting.read_text()) == 500, "what was set since then is nobody's to undo"


def test_a_limit_that_somebody_else_has_changed_or_that_is_enough_stays(setting: Path) -> None:
    limits.raise_limit()
    setting.write_text("9000")
    limits.restore_limit()
    assert int(setting.read_text()) == 9000
    limits.raise_limit()
    assert int(setting.read_text()) == 9000
