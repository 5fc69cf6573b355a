"""Custom image: what a host's system disk was at one moment, from which others are made."""

import sys
from pathlib import Path

from region import cgroups, images, schema, still
from region.errors import RegionError
from region.host_files import all_hosts
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource
from region.resources.instance import Instance

OWN = ("etc/ssh/ssh_host_*", "root/.ssh/authorized_keys", "etc/tmpfiles.d/region-disks.conf")
"""What belongs to one host and to none that is made of its image."""


class CustomImage(Resource):
    """A custom image: what an instance wrote over its own image, kept as a layer that other instances stand on.

    Equal: an instance of it begins with what was on the other's system disk, container storage included, and with a
    host key and machine id of its own. `forcePoweroff` shuts the instance down for it and starts it again; otherwise
    its processes stand still while its disk is copied. It is not deleted while an instance stands on it.

    Differs: it needs the image that its instance was made of, which therefore isn't removed either. Images with data
    disks (`dataDiskIds`) or of snapshots (`snapshotIds`) are refused; family, description and tags are kept on record
    only.
    """

    type = "tencentcloud:Image/instance:Instance"
    prefix = "img"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        found = [
            (name, "is not realised by the local region: make the image of an instance (instanceId)")
            for name in ("dataDiskIds", "snapshotIds")
            if inputs.get(name)
        ]
        instance = inputs.get("instanceId")
        if found or instance == schema.UNKNOWN:
            return found
        if instance is None:
            return [("instanceId", "is required")]
        if self.region.records.get(Instance.type, instance) is None:
            return [("instanceId", f"does not exist in region {self.region.name}: {instance!r}")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        control = self.region.host(inputs["instanceId"])
        below = images.layers(control.host.image, self.region.images)
        running = control.leader() is not None
        frozen = None if inputs.get("forcePoweroff") else _freezer(self.region.name, control.host.id)
        if running and frozen is None:
            control.stop()
        try:
            images.capture(
                self.region.images / id_,
                below,
                lambda layer: _copy(control, layer, frozen if running else None),
            )
        finally:
            if running:
                control.boot()
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if images.is_whole(self.region.images / id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        users = [host.name for host in all_hosts(self.region.name) if self._stands_on(host.image, id_)]
        if users:
            raise RegionError(
                f"image {id_} is what instances stand on: {', '.join(users)}; remove them first"
            )
        above = [
            name
            for name in images.known(self.region.images)
            if name not in (id_, *images.CATALOGUE) and self._stands_on(name, id_)
        ]
        if above:
            raise RegionError(
                f"image {id_} is what other images stand on: {', '.join(above)}; remove them first"
            )
        images.drop(self.region.images / id_)

    def _stands_on(self, image: str, id_: str) -> bool:
        if image == id_:
            return True
        own = self.region.images / image
        return own.exists() and any(
            layer.is_relative_to(self.region.images / id_)
            for layer in images.layers(image, self.region.images)
        )


def _freezer(region: str, host_id: str) -> Path | None:
    """The control group in which a host's processes can be made to stand still."""
    groups = [group for group in cgroups.groups(region, host_id) if (group / "cgroup.freeze").exists()]
    return groups[0] if groups else None


def _copy(control: HostControl, layer: Path, frozen: Path | None) -> None:
    """What the host wrote over its image, and the folders that are bound into it, without what is its own."""
    pairs = [control.home / "upper", layer]
    for path, inside in control.host.binds.items():
        pairs += [control.home / "data" / inside, layer / path.lstrip("/")]
    run([sys.executable, "-I", "-S", still.__file__, frozen or "-", *pairs], timeout=3600)
    for pattern in OWN:
        for file in layer.glob(pattern):
            file.unlink()
    (layer / "etc/machine-id").write_text("")


RESOURCES = (CustomImage,)
