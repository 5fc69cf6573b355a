"""CVM instance: a Debian host with systemd and sshd in a namespace of its own."""

import re
import time
from dataclasses import replace

from region.hosts import Host, HostControl
from region.process import run
from region.region import subnet_of
from region.resources.base import Properties, Resource, computed
from region.resources.key_pair import KeyPair
from region.services import placement

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
DEFAULT_TYPE = "S1.SMALL1"
"""What the cloud gives when no type is asked for (the SDK's docstring of `instance_type`)."""


def groups_of(inputs: Properties) -> tuple[str, ...]:
    """The security groups of an instance, in the order in which their rules are read."""
    return tuple(inputs.get("orderlySecurityGroups") or inputs.get("securityGroups") or ())


CORES = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4, "XLARGE": 4}


def size_of(type_: str | None) -> tuple[int, int]:
    """Cores and GiB of memory of an instance type, as its name says: `S5.2XLARGE16` has 8 and 16.

    The cloud's catalogue: https://cloud.tencent.com/document/product/213/11518. What a host may use isn't limited here.
    """
    found = re.fullmatch(r"[A-Z0-9a-z]+\.(\d*)(SMALL|MEDIUM|LARGE|XLARGE)(\d+)", type_ or DEFAULT_TYPE)
    if found is None:
        return 0, 0
    times, size, memory = found.groups()
    return CORES[size] * int(times or 1), int(memory)


class Instance(Resource):
    type = "tencentcloud:Instance/instance:Instance"
    prefix = "ins"

    def create(self, id_: str, inputs: Properties) -> Properties:
        address = self.region.lease_address(
            subnet_of(self.region, inputs["subnetId"])["cidrBlock"], inputs.get("privateIp"), host_id=id_
        )
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
        )
        control = self.region.prepare(host)
        self._install_keys(control, inputs)
        self.region.refresh_firewall(host.router)
        control.boot()
        control.wait_for(["systemctl", "is-active", "--quiet", "ssh"], "sshd")
        cpu, memory = size_of(inputs.get("instanceType"))
        return {
            "cpu": cpu,
            "memory": memory,
            "createTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "expiredTime": "",
            "instanceStatus": "RUNNING",
            "osName": "Debian GNU/Linux 13 (trixie)",
            "privateIp": address,
            "publicIp": "",
            "uuid": id_,
        }

    def _install_keys(self, control: HostControl, inputs: Properties) -> None:
        keys = [
            self.region.get(KeyPair.type, key).inputs["publicKey"].strip() for key in inputs.get("keyIds", [])
        ]
        control.write("/root/.ssh/authorized_keys", "".join(f"{key}\n" for key in keys), 0o600)
        (control.root / "root/.ssh").chmod(0o700)
        key = control.root / "etc/ssh/ssh_host_ed25519_key"
        if not key.exists():
            run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", control.host.name, "-f", key])

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        running = self.region.is_running(id_)
        return {**outputs, "instanceStatus": "RUNNING" if running else "STOPPED"}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, "vpcId", "subnetId")
        control = self.region.host(id_)
        if old.get("imageId") != new["imageId"]:
            return self._reinstall(id_, control, old, new)
        name = new.get("hostname") or control.host.name
        control.save(replace(control.host, groups=groups_of(new), name=name))
        if old.get("keyIds") != new.get("keyIds"):
            self._install_keys(control, new)
        self.region.refresh_firewall(control.host.router)
        control.boot()
        if old.get("hostname") != new.get("hostname"):
            control.write("/etc/hostname", f"{name}\n")
            control.run(["hostname", name])
        cpu, memory = size_of(new.get("instanceType"))
        return {**computed(old, *COMPUTED), "instanceStatus": "RUNNING", "cpu": cpu, "memory": memory}

    def _reinstall(self, id_: str, control: HostControl, old: Properties, new: Properties) -> Properties:
        """Another image is another system disk, as in the cloud (ResetInstance); the address stays."""
        control.stop()
        return self.create(id_, {**new, "privateIp": new.get("privateIp") or old["privateIp"]})

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance,)
