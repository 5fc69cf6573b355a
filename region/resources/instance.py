"""CVM instance: a Debian host with systemd and sshd in a namespace of its own."""

import logging
import signal
import time
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from region import host_limits, loops, schema
from region.catalogue import size_of
from region.errors import RegionError
from region.host_files import disk_file, find_host
from region.hosts import Host, HostControl
from region.process import run
from region.region import subnet_of
from region.resources import instance_checks, instance_state, placement_quota
from region.resources.base import Properties, Resource, computed
from region.resources.instance_state import groups_of, limits_of, running_wanted

COMPUTED = (
    "cpu",
    "memory",
    "createTime",
    "instanceStatus",
    "osName",
    "publicIp",
    "uuid",
    "privateIp",
    "expiredTime",
)
PASSWORD_LOGIN = "/etc/ssh/sshd_config.d/10-password.conf"
log = logging.getLogger("region")


class Instance(Resource):
    """A CVM: a Debian host with systemd and sshd, booted from an image, in a network namespace of its own.

    Equal: address, host name, key pairs, password, security groups, placement group, reboots and power cuts. The type
    limits its memory and processor time (control groups). `runningFlag` stops and starts it in order (`stopType` HARD
    pulls the plug); another `imageId` is another system disk at the same address; another subnet or address is a
    restart; other groups, keys, names and sizes take effect while it runs. `disableApiTermination` refuses its
    deletion. A stopped host, changed keys, another host name, other groups and changed limits are seen as drift.

    Differs: a type with as many cores as the machine has, or more, isn't limited in them, and a machine whose kernel
    lacks the controllers limits nothing; the region's log says so. Another type needs no restart. The system disk is a
    folder of the machine: `systemDiskSize` and `systemDiskType` are kept on record only, as are what concerns
    charging, projects, tags, CAM roles, the cloud's agents and `userData` (there is no cloud-init in the images).
    Data disks are `Cbs/storage` with its attachment; `dataDisks` is refused. There is no public address but an EIP.
    """

    type = "tencentcloud:Instance/instance:Instance"
    prefix = "ins"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return instance_checks.failures(self.region, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        placement_quota.join(self.region, id_, inputs.get("placementGroupId"))
        address = self._lease(id_, inputs, inputs.get("privateIp"))
        limits = limits_of(inputs)
        host = Host(
            id=id_,
            name=inputs.get("hostname") or inputs.get("instanceName") or id_,
            kind="instance",
            image=inputs["imageId"],
            router=inputs["vpcId"],
            addresses=(address,),
            resolver=self.region.resolver(inputs["vpcId"]),
            binds={"/var/lib/containers": "containers"},
            groups=groups_of(inputs),
            limits=limits,
        )
        for refusal in host_limits.refusals(limits):
            log.warning("host %s (%s): %s", host.name, id_, refusal)
        control = self.region.prepare(host)
        self._install_keys(control, inputs)
        self._set_password(control, inputs)
        self.region.refresh_firewall(host.router)
        if running_wanted(inputs):
            control.boot()
            control.wait_for(["systemctl", "is-active", "--quiet", "ssh"], "sshd")
        return {
            **self._described(inputs, address),
            "createTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "expiredTime": "",
            "osName": "Debian GNU/Linux 13 (trixie)",
            "publicIp": "",
            "uuid": id_,
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        seen = instance_state.look(self.region, id_)
        return None if seen is None else instance_state.drifted(outputs, seen)

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement_quota.join(self.region, id_, new.get("placementGroupId"))
        control = self.region.host(id_)
        if old.get("imageId") != new["imageId"]:
            return self._reinstall(id_, old, new)
        self._move(control, new)
        name = new.get("hostname") or control.host.name
        control.save(replace(control.host, groups=groups_of(new), limits=limits_of(new)))
        if not running_wanted(new):
            control.stop(how=signal.SIGKILL if new.get("stopType") == "HARD" else signal.SIGTERM)
        if not self.region.is_running(id_):
            control.save(replace(control.host, name=name))
            control.prepare()
        self._install_keys(control, new)
        if old.get("password") != new.get("password"):
            self._set_password(control, new)
        self.region.refresh_firewall(control.host.router)
        if running_wanted(new):
            control.boot()
            control.wait_for(["systemctl", "is-active", "--quiet", "ssh"], "sshd")
            control.limit()
            control.rename(name)
        return {**computed(old, *COMPUTED), **self._described(new, control.host.address)}

    def delete(self, id_: str, outputs: Properties) -> None:
        if outputs.get("disableApiTermination") and self.region.has_host(id_):
            raise RegionError(
                f"instance {id_} is protected against deletion: set disableApiTermination to false, then bring it up"
            )
        host = find_host(self.region.name, id_)
        self.region.remove_host(id_)
        for disk in host.disks.values() if host else ():
            # Without its attachment a disk goes free when its host goes.
            loops.release(disk_file(self.region.settings.root, disk))

    def _described(self, inputs: Properties, address: str) -> Properties:
        cpu, memory = size_of(inputs.get("instanceType"))
        status = "RUNNING" if running_wanted(inputs) else "STOPPED"
        return {"cpu": cpu, "memory": memory, "instanceStatus": status, "privateIp": address}

    def _lease(self, id_: str, inputs: Properties, wanted: str | None) -> str:
        cidr = subnet_of(self.region, inputs["subnetId"])["cidrBlock"]
        return self.region.lease_address(cidr, wanted, host_id=id_)

    def _install_keys(self, control: HostControl, inputs: Properties) -> None:
        wanted = instance_state.public_keys(self.region, inputs.get("keyIds") or [])
        lines = "".join(f"{key}\n" for key in wanted.values())
        control.write("/root/.ssh/authorized_keys", lines, 0o600)
        (control.root / "root/.ssh").chmod(0o700)
        key = control.root / "etc/ssh/ssh_host_ed25519_key"
        if not key.exists():
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", control.host.name, "-f", key])

    def _set_password(self, control: HostControl, inputs: Properties) -> None:
        """Give root a password, and let it in by it, as the cloud's images do; without one, keys alone."""
        if password := inputs.get("password"):
            run(["chroot", control.root, "chpasswd"], stdin=f"root:{password}\n")
            control.write(PASSWORD_LOGIN, "PermitRootLogin yes\nPasswordAuthentication yes\n")
        elif (control.root / PASSWORD_LOGIN.lstrip("/")).exists():
            run(["chroot", control.root, "passwd", "--quiet", "--lock", "root"])
            (control.root / PASSWORD_LOGIN.lstrip("/")).unlink()
        else:
            return
        if self.region.is_running(control.host.id):
            control.run(["systemctl", "reload", "ssh"])

    def _move(self, control: HostControl, new: Properties) -> None:
        """Bring the host to another subnet or address; it restarts, as in the cloud."""
        host, wanted = control.host, new.get("privateIp")
        cidr = IPv4Network(subnet_of(self.region, new["subnetId"])["cidrBlock"])
        inside = IPv4Address(host.address) in cidr
        if host.router == new["vpcId"] and inside and wanted in (None, host.address):
            return
        address = self._lease(host.id, new, wanted)
        control.stop()
        control.unplug()
        router = new["vpcId"]
        control.save(
            replace(host, router=router, addresses=(address,), resolver=self.region.resolver(router))
        )
        self.region.settle(address)
        if router != host.router:
            self.region.refresh_firewall(host.router)

    def _reinstall(self, id_: str, old: Properties, new: Properties) -> Properties:
        """Another image is another system disk, as in the cloud (ResetInstance); the address and the disks stay."""
        control = self.region.host(id_)
        control.stop()
        disks = control.host.disks
        outputs = self.create(
            id_, {**new, "privateIp": new.get("privateIp") or old["privateIp"], "runningFlag": False}
        )
        control = self.region.host(id_)
        control.save(replace(control.host, disks=disks))
        if running_wanted(new):
            control.boot()
            control.wait_for(["systemctl", "is-active", "--quiet", "ssh"], "sshd")
        return {**outputs, **self._described(new, control.host.address)}


RESOURCES = (Instance,)
