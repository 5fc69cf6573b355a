"""A disk, from a blank one to what becomes of its data."""

import subprocess
from pathlib import Path

import pytest

from region import disks, loops, teardown
from region.errors import RegionError
from region.resources.base import Properties
from region.resources.disk import (
    Snapshot,
    SnapshotPolicy,
    SnapshotPolicyAttachment,
    Storage,
    StorageAttachment,
)
from region.resources.instance import Instance
from tests.region.conftest import Lab, Made, laboratory, settings_for, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

DISK: Properties = {
    "storageName": "data",
    "storageType": "CLOUD_BSSD",
    "storageSize": 10,
    "availabilityZone": "ap-guangzhou-3",
}


@pytest.fixture(scope="module")
def host(lab: Lab) -> Made:
    return lab.instance("has-disks")


@pytest.fixture(scope="module")
def other(lab: Lab) -> Made:
    return lab.instance("gets-disks")


def attach(lab: Lab, name: str, host: Made, disk: Made) -> Made:
    return lab.make(StorageAttachment, name, {"instanceId": host[0], "storageId": disk[0]})


def formatted(lab: Lab, name: str) -> Made:
    """A disk with an empty file system on it."""
    disk = lab.make(Storage, name, DISK)
    file = disks.file_of(lab.region, disk[0])
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=1,lazy_journal_init=1", file], check=True)
    return disk


def mount(lab: Lab, host: Made, disk: Made) -> None:
    lab.run(host, "mkdir", "-p", "/srv/data")
    lab.run(host, "mount", f"/dev/disk/by-id/virtio-{disk[0]}", "/srv/data")


def free(lab: Lab, *made: tuple[type, Made]) -> None:
    for kind, thing in made:
        lab.remove(kind, thing)


def test_a_host_gets_a_device_of_the_size_and_keeps_its_data_in_another_host(
    lab: Lab, host: Made, other: Made
) -> None:
    disk = formatted(lab, "moves")
    attachment = attach(lab, "first", host, disk)
    assert lab.run(host, "blockdev", "--getsize64", "/dev/vdb").strip() == str(10 << 30)
    mount(lab, host, disk)
    lab.run(host, "tee", "/srv/data/written", stdin="kept")
    with pytest.raises(RegionError, match=r"attached to has-disks: detach it there first"):
        StorageAttachment(lab.region).create("again", {"instanceId": other[0], "storageId": disk[0]})
    with pytest.raises(RegionError, match=r"attached to has-disks: detach it first"):
        lab.remove(Storage, disk)
    lab.remove(StorageAttachment, attachment)
    assert lab.script(host, "import os; print(os.path.exists('/dev/vdb'), os.path.ismount('/srv/data'))") == (
        "False False"
    )
    assert loops.device_of(disks.file_of(lab.region, disk[0])) is None
    attachment = attach(lab, "second", other, disk)
    mount(lab, other, disk)
    assert lab.run(other, "cat", "/srv/data/written") == "kept"
    free(lab, (StorageAttachment, attachment), (Storage, disk))
    assert not disks.file_of(lab.region, disk[0]).exists()


def test_a_full_disk_is_full_and_a_larger_one_is_larger_at_once(lab: Lab, host: Made) -> None:
    disk = formatted(lab, "fills")
    attachment = attach(lab, "fills", host, disk)
    mount(lab, host, disk)
    # Space that is given away without being written takes none of the machine's.
    with pytest.raises(RegionError, match="No space left"):
        lab.run(host, "fallocate", "-l", "11G", "/srv/data/all")
    with pytest.raises(RegionError, match="No space left"):
        lab.run(host, "tee", "/srv/data/more", stdin="x" * 10_000_000)
    disk = lab.change(Storage, disk, storageSize=20)
    assert lab.run(host, "blockdev", "--getsize64", "/dev/vdb").strip() == str(20 << 30)
    # Its file system grows when its host says so, as in the cloud; here the machine does that, unmounted.
    file = disks.file_of(lab.region, disk[0])
    lab.run(host, "umount", "/srv/data")
    subprocess.run(["e2fsck", "-pf", file], check=True, capture_output=True)
    subprocess.run(["resize2fs", file], check=True, capture_output=True)
    mount(lab, host, disk)
    lab.run(host, "tee", "/srv/data/more", stdin="x" * 10_000_000)
    with pytest.raises(RegionError, match="can only grow"):
        lab.change(Storage, disk, storageSize=10)
    free(lab, (StorageAttachment, attachment), (Storage, disk))


def test_a_disk_that_is_pulled_while_in_use_ends_its_users(lab: Lab, host: Made) -> None:
    disk = formatted(lab, "pulled")
    attachment = attach(lab, "pulled", host, disk)
    mount(lab, host, disk)
    hold = "import time; file = open('/srv/data/log', 'w', 1); file.write('begun\\n'); time.sleep(600)"
    lab.serve(host, "holds", "python3", "-c", hold)
    lab.run(host, "sh", "-c", "until test -s /srv/data/log; do sleep 0.1; done")
    lab.remove(StorageAttachment, attachment)
    with pytest.raises(RegionError, match="exit code"):
        lab.run(host, "systemctl", "is-active", "holds")
    lab.remove(Storage, disk)


def test_it_is_there_again_after_a_power_cut_and_mounted_by_its_unit(lab: Lab, host: Made) -> None:
    disk = formatted(lab, "survives")
    attachment = attach(lab, "survives", host, disk)
    unit = f"[Mount]\nWhat=/dev/disk/by-id/virtio-{disk[0]}\nWhere=/srv/unit\n[Install]\nWantedBy=local-fs.target\n"
    lab.run(host, "tee", "/etc/systemd/system/srv-unit.mount", stdin=unit)
    lab.run(host, "systemctl", "enable", "--quiet", "srv-unit.mount")
    mount(lab, host, disk)
    lab.run(host, "tee", "/srv/data/written", stdin="kept")
    lab.run(host, "sync")
    lab.crash(host[0])
    assert lab.run(host, "cat", "/srv/unit/written") == "kept"
    # As after a restart of the machine: no loop device is left.
    lab.region.host(host[0]).stop()
    loops.release(disks.file_of(lab.region, disk[0]))
    lab.region.host(host[0]).boot()
    assert lab.run(host, "cat", "/srv/unit/written") == "kept"
    lab.run(host, "systemctl", "disable", "--quiet", "srv-unit.mount")
    free(lab, (StorageAttachment, attachment), (Storage, disk))


WRITER = """
import itertools, os
first, second = (os.open(f"/srv/data/{name}", os.O_RDWR | os.O_CREAT) for name in "ab")
for number in itertools.count(1):
    for file in (first, second):
        os.pwrite(file, b"%012d" % number, 0)
        os.fsync(file)
"""


def test_a_snapshot_is_one_moment_of_a_disk_that_is_written_to(lab: Lab, host: Made, other: Made) -> None:
    disk = formatted(lab, "source")
    attachment = attach(lab, "source", host, disk)
    mount(lab, host, disk)
    lab.run(host, "tee", "/srv/data/written", stdin="before")
    lab.serve(host, "writes", "python3", "-c", WRITER)
    lab.run(host, "sh", "-c", "until test -s /srv/data/b; do sleep 0.1; done")
    snapshot = lab.make(Snapshot, "snapshot", {"storageId": disk[0], "snapshotName": "one"})
    lab.run(host, "tee", "/srv/data/written", stdin="after")
    assert lab.look(Snapshot, snapshot) == snapshot[1]
    begin = lab.run(host, "cat", "/srv/data/a")
    # A busy disk has a write wait for a second.
    until(lambda: lab.run(host, "cat", "/srv/data/a") > begin)
    lab.run(host, "systemctl", "stop", "writes")
    copy = lab.make(Storage, "copy", {**DISK, "storageSize": 20, "snapshotId": snapshot[0]})
    second = attach(lab, "copy", other, copy)
    mount(lab, other, copy)
    assert lab.run(other, "cat", "/srv/data/written") == "before"
    first, then = (int(lab.run(other, "cat", f"/srv/data/{name}")) for name in "ab")
    assert first - then in (0, 1), "the second is written after the first"
    free(lab, (StorageAttachment, second), (StorageAttachment, attachment))
    back = lab.change(Storage, disk, snapshotId=snapshot[0])
    attachment = attach(lab, "back", host, back)
    mount(lab, host, back)
    assert lab.run(host, "cat", "/srv/data/written") == "before", "set back"
    free(lab, (StorageAttachment, attachment), (Storage, back), (Storage, copy), (Snapshot, snapshot))
    assert not list((lab.region.settings.root / "snapshots").iterdir())


def test_what_was_changed_by_hand_is_seen_and_mended(lab: Lab, host: Made) -> None:
    disk = formatted(lab, "drifts")
    attachment = attach(lab, "drifts", host, disk)
    assert lab.look(Storage, disk) == disk[1]
    assert lab.look(StorageAttachment, attachment) == attachment[1]
    lab.run(host, "rm", "/dev/vdb")
    assert lab.look(StorageAttachment, attachment) is None
    attachment = attach(lab, "drifts", host, disk)
    assert lab.run(host, "blockdev", "--getsize64", "/dev/vdb").strip() == str(10 << 30)
    disks.unplug(lab.region, lab.region.host(host[0]), disk[0])
    assert lab.look(StorageAttachment, attachment) is None
    file = disks.file_of(lab.region, disk[0])
    disks.grow(file, 30)
    found = lab.look(Storage, disk)
    assert found
    assert found["storageSize"] == 30
    file.unlink()
    assert lab.look(Storage, disk) is None
    free(lab, (StorageAttachment, attachment), (Storage, disk))


def test_policies_are_bound_to_disks_that_exist(lab: Lab) -> None:
    disk = lab.make(Storage, "policed", DISK)
    policy = lab.make(
        SnapshotPolicy, "daily", {"snapshotPolicyName": "daily", "repeatHours": [3], "repeatWeekdays": [0]}
    )
    wanted = {"storageId": disk[0], "snapshotPolicyId": policy[0]}
    bound = lab.make(SnapshotPolicyAttachment, "bound", wanted)
    assert bound[0] == f"{disk[0]}#{policy[0]}"
    with pytest.raises(RegionError, match="bound to disks"):
        lab.remove(SnapshotPolicy, policy)
    assert SnapshotPolicyAttachment(lab.region).check({**wanted, "storageId": "disk-0"}) == [
        ("storageId", f"does not exist in region {lab.region.name}: 'disk-0'")
    ]
    free(lab, (SnapshotPolicyAttachment, bound), (SnapshotPolicy, policy), (Storage, disk))


def test_a_region_that_goes_takes_its_disks_along(images: None) -> None:
    settings = settings_for("rdisk", 3)
    with laboratory(settings) as own:
        host, disk = own.instance("goes"), formatted(own, "goes")
        attach(own, "goes", host, disk)
        mount(own, host, disk)
        assert teardown.find(settings.name).loops
        teardown.destroy(settings.name)
        assert not teardown.find(settings.name)
        held = [file.read_text() for file in Path("/sys/block").glob("loop*/loop/backing_file")]
        assert not [file for file in held if f"/{settings.name}/" in file]


def test_a_host_that_goes_lets_its_disk_go(lab: Lab) -> None:
    host, disk = lab.instance("short-lived"), formatted(lab, "outlives")
    attachment = attach(lab, "outlives", host, disk)
    mount(lab, host, disk)
    lab.remove(Instance, host)
    assert loops.device_of(disks.file_of(lab.region, disk[0])) is None
    assert lab.look(StorageAttachment, attachment) is None
    free(lab, (StorageAttachment, attachment), (Storage, disk))
