"""What the object store is told after it was provisioned: for how long it keeps backups, whoever wants them gone.

The provider has no input for object lock; COS and the local region's store take it over the S3 protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shopctl.drivers import s3

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.environment import Environment
    from shopctl.report import Report


@dataclass(frozen=True)
class Lock:
    """The lock on backups as it is and as it should be, in days."""

    bucket: str
    now: int
    wanted: int

    @property
    def kept(self) -> bool:
        """Whether it is as it should be."""
        return self.now == self.wanted

    @property
    def text(self) -> str:
        """In words."""
        if self.kept:
            return f"{self.bucket} keeps what is written to it for {self.now} days"
        now = (
            f"keeps what is written to it for {self.now} days"
            if self.now
            else "lets go of what is written to it"
        )
        return f"{self.bucket} {now} instead of keeping it for {self.wanted} days; shopctl up locks it"


def server(environment: Environment, outputs: StackOutputs) -> s3.Server:
    """Where the operator's machine reaches the store."""
    address = None
    if environment.region is not None:
        from region.settings import STORAGE_SLOT, public_address

        # The machine doesn't ask the region's resolver.
        address = public_address(environment.region, STORAGE_SLOT)
    ca = environment.ca_file if environment.ca_file.exists() else None
    return s3.Server(outputs.storage.endpoint, outputs.storage.region, address, ca)


def look(environment: Environment, outputs: StackOutputs) -> Lock:
    """The lock as it is. Raises ShopctlError when the store doesn't tell."""
    bucket = outputs.storage.buckets.backups
    with s3.opened(server(environment, outputs), _keeper(outputs), bucket=bucket) as client:
        return Lock(bucket, s3.locked_days(client, bucket), outputs.storage.backup_lock_days)


def lock_backups(environment: Environment, report: Report, outputs: StackOutputs) -> bool:
    """Locks backups for as long as the settings say; whether anything had to be changed. Safe to repeat."""
    lock = look(environment, outputs)
    if lock.kept:
        return False
    with s3.opened(server(environment, outputs), _keeper(outputs), bucket=lock.bucket) as client:
        s3.lock_for(client, lock.bucket, lock.wanted)
    report(f"    {lock.bucket} keeps what is written to it for {lock.wanted} days", "yellow")
    return True


def _keeper(outputs: StackOutputs) -> s3.Key:
    keeper = outputs.storage.users.keeper
    return s3.Key(keeper.access_key, keeper.secret_key)
