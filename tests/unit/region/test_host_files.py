"""What is read of hosts' folders."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from region import host_files
from region.host_files import Host, all_hosts, find_host, list_hosts, load
from region.host_limits import Limits

HOST = Host(
    "ins-1",
    "web-1",
    "instance",
    "host-1",
    "vpc-1",
    ("10.1.1.4",),
    "10.1.0.2",
    groups=("sg-1",),
    limits=Limits(1, 2048),
    disks={"vdb": "disk-1"},
)


@pytest.fixture
def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the hosts of region `r`, in which there is one."""
    monkeypatch.setattr(host_files, "REGIONS_ROOT", tmp_path)
    home = tmp_path / "r" / "hosts" / HOST.id
    home.mkdir(parents=True)
    (home / "host.json").write_text(json.dumps(asdict(HOST)))
    return home.parent


def test_a_host_is_read_as_it_was_written(hosts: Path) -> None:
    assert load(hosts / HOST.id / "host.json") == HOST
    assert find_host("r", HOST.id) == HOST


def test_a_host_of_a_version_without_limits_and_disks_is_read_too(hosts: Path) -> None:
    raw = {name: value for name, value in asdict(HOST).items() if name not in ("limits", "disks")}
    (hosts / HOST.id / "host.json").write_text(json.dumps(raw))
    assert load(hosts / HOST.id / "host.json").limits == Limits()


def test_a_host_that_goes_while_hosts_are_listed_is_left_out(hosts: Path) -> None:
    # A name without a file behind it is what a listing finds when the file goes right after it.
    going = hosts / "ins-2" / "host.json"
    going.parent.mkdir()
    going.symlink_to(going.parent / "gone")
    assert all_hosts("r") == [HOST]
    assert [status.id for status in list_hosts("r")] == ["ins-1"]
    assert find_host("r", "ins-2") is None
