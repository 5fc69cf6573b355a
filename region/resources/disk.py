"""Cloud block storage: disks, their attachments, and snapshots with their policies."""

import time

from region import catalogue, disks, loops, schema
from region.errors import RegionError
from region.resources.base import Properties, Resource, computed
from region.resources.instance import Instance

TYPES = ("CLOUD_BASIC", "CLOUD_PREMIUM", "CLOUD_BSSD", "CLOUD_SSD", "CLOUD_HSSD", "CLOUD_TSSD")
SMALLEST, LARGEST, STEP = 10, 32000, 10
"""GB (cloud.tencent.com/document/product/362/2353)."""
POLICIES = 30
"""Snapshot policies of one account in a region (cloud.tencent.com/document/product/362/8191)."""


class Storage(Resource):
    """A cloud disk: a sparse file of its size, which a host gets as a block device of its own (a loop device).

    Equal: it comes blank, or with a snapshot's data; it is as large as was asked, and full when it is full; it keeps
    its data from host to host; it grows while it is in use, and the host then grows its file system; it can't shrink;
    one that is attached is not deleted. Another `snapshotId` sets it back, when no running host has it.

    Differs: `storageType`, encryption, throughput, backup points and what concerns charging and projects are kept on
    record only; all disks are as fast as the machine's. There is no recycle bin. `attached` is as it was when the disk
    was made or changed.
    """

    type = "tencentcloud:Cbs/storage:Storage"
    prefix = "disk"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        given = {name: value for name, value in inputs.items() if value not in (None, "", schema.UNKNOWN)}
        found: list[schema.Failure] = []
        zone, size, kind = (given.get(name) for name in ("availabilityZone", "storageSize", "storageType"))
        if zone and (problem := catalogue.zone_problem(zone, self.region.settings.cloud_region)):
            found.append(("availabilityZone", problem))
        if kind and kind not in TYPES:
            found.append(("storageType", f"has to be one of {', '.join(TYPES)}, not {kind!r}"))
        if size and not (SMALLEST <= int(size) <= LARGEST and int(size) % STEP == 0):
            found.append(
                ("storageSize", f"has to be {SMALLEST} to {LARGEST} GB in steps of {STEP}, not {size}")
            )
        if (source := given.get("snapshotId")) and self.region.records.get(Snapshot.type, source) is None:
            found.append(("snapshotId", f"does not exist in region {self.region.name}: {source!r}"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        file, source = disks.file_of(self.region, id_), inputs.get("snapshotId")
        loops.release(file)
        disks.make(file, inputs["storageSize"], disks.snapshot_file(self.region, source) if source else None)
        return {"attached": False, "storageStatus": "UNATTACHED"}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        file = disks.file_of(self.region, id_)
        return {**outputs, "storageSize": disks.size(file)} if file.exists() else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        file, source = disks.file_of(self.region, id_), new.get("snapshotId")
        holder = disks.holder(self.region, id_)
        if source and source != old.get("snapshotId"):
            if holder and holder.leader():
                raise RegionError(
                    f"disk {id_} is attached to {holder.host.name}, which runs: stop that, or detach the disk, first"
                )
            loops.release(file)
            disks.make(file, disks.size(file), disks.snapshot_file(self.region, source))
        disks.grow(file, new["storageSize"])
        status = "ATTACHED" if holder else "UNATTACHED"
        return {"attached": holder is not None, "storageStatus": status}

    def delete(self, id_: str, outputs: Properties) -> None:
        if holder := disks.holder(self.region, id_):
            raise RegionError(f"disk {id_} is attached to {holder.host.name}: detach it first")
        loops.release(disks.file_of(self.region, id_))
        disks.file_of(self.region, id_).unlink(missing_ok=True)


class StorageAttachment(Resource):
    """A disk that a host has: the block device `/dev/vdb` and so on, and `/dev/disk/by-id/virtio-<disk>`.

    Equal: it is there and goes while the host runs, and is there again after a restart; one host at a time has a disk.
    A disk that is detached while it is in use is pulled: the programs that use it are ended, what was written stays.

    Differs: a mount unit mounts it at boot, but not a line of /etc/fstab: systemd passes over devices there in what it
    takes for a container. The device belongs to the machine's kernel, so that /sys and lsblk show the machine's.
    """

    type = "tencentcloud:Cbs/storageAttachment:StorageAttachment"
    prefix = "attachment"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        del urn, generation
        return str(inputs["storageId"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        """The disk's own, as in the real provider: a disk has one attachment at most."""
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        disk, host = inputs.get("storageId"), inputs.get("instanceId")
        found: list[schema.Failure] = []
        if schema.UNKNOWN in (disk, host):
            return found
        storage = self.region.records.get(Storage.type, str(disk))
        instance = self.region.records.get(Instance.type, str(host))
        if storage is None:
            found.append(("storageId", f"does not exist in region {self.region.name}: {disk!r}"))
        if instance is None:
            found.append(("instanceId", f"does not exist in region {self.region.name}: {host!r}"))
        if storage and instance:
            zones = [record.inputs.get("availabilityZone") for record in (storage, instance)]
            if zones[0] != zones[1]:
                found.append(("storageId", f"{disk} is in {zones[0]}, and instance {host} in {zones[1]}"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        control = self.region.host(inputs["instanceId"])
        holder = disks.holder(self.region, inputs["storageId"])
        if holder and holder.host.id != control.host.id:
            raise RegionError(
                f"disk {inputs['storageId']} is attached to {holder.host.name}: detach it there first"
            )
        disks.plug(self.region, control, inputs["storageId"])
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        disk = outputs["storageId"]
        control = disks.holder(self.region, disk)
        file = disks.file_of(self.region, disk)
        if control is None or control.host.id != outputs["instanceId"] or not file.exists():
            return None
        if control.leader() and not disks.is_plugged(control, disk, file):
            return None
        return outputs

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        control = disks.holder(self.region, outputs["storageId"])
        if control and control.host.id == outputs["instanceId"]:
            disks.unplug(self.region, control, outputs["storageId"])


class Snapshot(Resource):
    """A snapshot: a copy of a disk as it was at one moment, of which disks can be made.

    Equal: what a host wrote before is in it, whole; what it writes meanwhile is not. It outlives its disk.

    Differs: writes to the disk wait while the copy is made, which takes as long as copying its data; it is made on the
    same machine, so that it is no backup against losing that. `diskUsage` and `tags` are kept on record only.
    """

    type = "tencentcloud:Cbs/snapshot:Snapshot"
    prefix = "snap"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        disk = inputs.get("storageId")
        if disk == schema.UNKNOWN or self.region.records.get(Storage.type, str(disk)):
            return []
        return [("storageId", f"does not exist in region {self.region.name}: {disk!r}")]

    def create(self, id_: str, inputs: Properties) -> Properties:
        disk = self.region.get(Storage.type, inputs["storageId"])
        disks.snapshot(self.region, disk.id, disks.snapshot_file(self.region, id_))
        return {
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "diskType": inputs.get("diskUsage") or "DATA_DISK",
            "percent": 100,
            "snapshotStatus": "NORMAL",
            "storageSize": disks.size(disks.file_of(self.region, disk.id)),
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if disks.snapshot_file(self.region, id_).exists() else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createTime", "diskType", "percent", "snapshotStatus", "storageSize")

    def delete(self, id_: str, outputs: Properties) -> None:
        disks.snapshot_file(self.region, id_).unlink(missing_ok=True)


class SnapshotPolicy(Resource):
    """A snapshot policy: at which hours of which days snapshots of its disks are to be made, and how long they stay.

    Differs: it is kept on record only. Nothing runs in the region between two commands, so that no snapshot is made
    by itself; `Cbs/snapshot` makes one.
    """

    type = "tencentcloud:Cbs/snapshotPolicy:SnapshotPolicy"
    prefix = "asp"

    def create(self, id_: str, inputs: Properties) -> Properties:
        if len(self.region.records.all(self.type)) >= POLICIES:
            raise RegionError(
                f"region {self.region.name} has {POLICIES} snapshot policies, which is its quota"
            )
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        bound = [
            r.id for r in self.region.records.all(SnapshotPolicyAttachment.type) if _policy(r.inputs) == id_
        ]
        if bound:
            raise RegionError(f"snapshot policy {id_} is bound to disks: {', '.join(bound)}")


class SnapshotPolicyAttachment(Resource):
    """A disk's snapshot policy.

    Equal: it names disks and a policy that exist, and a policy that is bound is not deleted.

    Differs: it is kept on record only, as the policy is.
    """

    type = "tencentcloud:Cbs/snapshotPolicyAttachment:SnapshotPolicyAttachment"
    prefix = "asp-attachment"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        policy, wanted = _policy(inputs), _storages(inputs)
        found: list[schema.Failure] = []
        if not wanted:
            found.append(("storageId", "or storageIds is required"))
        if policy not in (None, schema.UNKNOWN) and not self.region.records.get(SnapshotPolicy.type, policy):
            found.append(("snapshotPolicyId", f"does not exist in region {self.region.name}: {policy!r}"))
        found += [
            (field, f"does not exist in region {self.region.name}: {disk!r}")
            for field, disk in wanted
            if disk != schema.UNKNOWN and not self.region.records.get(Storage.type, disk)
        ]
        return found

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        del urn, generation
        return "#".join([*(disk for _, disk in _storages(inputs)), str(_policy(inputs))])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        there = [disks.file_of(self.region, disk).exists() for _, disk in _storages(outputs)]
        return outputs if all(there) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        """It is on record only."""


def _policy(inputs: Properties) -> str | None:
    return inputs.get("snapshotPolicyId")


def _storages(inputs: Properties) -> list[tuple[str, str]]:
    """The disks that an attachment names, each with its field."""
    if inputs.get("storageIds") == schema.UNKNOWN:
        return [("storageIds", schema.UNKNOWN)]
    many = [(f"storageIds[{index}]", disk) for index, disk in enumerate(inputs.get("storageIds") or [])]
    return ([("storageId", inputs["storageId"])] if inputs.get("storageId") else []) + many


RESOURCES = (Storage, StorageAttachment, Snapshot, SnapshotPolicy, SnapshotPolicyAttachment)
