"""The ops host's data disk, and when snapshots of it are made."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.components.compute import Host

SNAPSHOT_HOUR = 4
"""Each night, after the backups that begin at 3."""
RETENTION_DAYS = 7


@dataclass(frozen=True)
class DataDiskArgs:
    """What the disk is made from."""

    common: Common
    host: Host
    size_gb: int


class DataDisk(Component):
    """A disk that outlives its host: one that is made anew gets it again, with what is on it."""

    def __init__(self, name: str, args: DataDiskArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        part = f"{args.host.name}-data"
        self.storage = tencentcloud.cbs.Storage(
            self.child_name("storage"),
            storage_name=args.common.named(part),
            availability_zone=args.host.zone,
            storage_type="CLOUD_BSSD",
            storage_size=args.size_gb,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect),
        )
        self.attachment = tencentcloud.cbs.StorageAttachment(
            self.child_name("attachment"),
            instance_id=args.host.instance.id,
            storage_id=self.storage.id,
            # A disk has one attachment at a time.
            opts=self.child(delete_first=True),
        )
        policy = tencentcloud.cbs.SnapshotPolicy(
            self.child_name("policy"),
            snapshot_policy_name=args.common.named(part),
            repeat_weekdays=[0, 1, 2, 3, 4, 5, 6],
            repeat_hours=[SNAPSHOT_HOUR],
            retention_days=RETENTION_DAYS,
            opts=self.child(),
        )
        tencentcloud.cbs.SnapshotPolicyAttachment(
            self.child_name("policed"),
            storage_id=self.storage.id,
            snapshot_policy_id=policy.id,
            opts=self.child(),
        )
        self.disk_id: pulumi.Output[str] = self.storage.id
        self.register_outputs({"diskId": self.disk_id})
