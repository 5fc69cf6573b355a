"""CVM instance: a Debian host with systemd and sshd in a namespace of its own."""

import time
from dataclasses import replace

from region.hosts import Host, HostControl
from region.process import run
from region.region import subnet_of
from region.resources.base import Properties, Resource, computed
from region.resources.key_pair import KeyPair

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


def groups_of(inputs: Properties) -> tuple[str, ...]:
    """The security groups of an instance, in the order in which their rules are read."""
    return tuple(inputs.get("orderlySecurityGroups") or inputs.get("securityGroups") or ())


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
        return {
            # A type's size stands in its name in the cloud's catalogue; cgroups don't limit hosts here yet.
            "cpu": 2,
            "memory": 2,
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
        control = self.region.host(id_)
        control.save(
            replace(control.host, groups=groups_of(new), name=new.get("hostname") or control.host.name)
        )
        if old.get("keyIds") != new.get("keyIds"):
            self._install_keys(control, new)
        self.region.refresh_firewall(control.host.router)
        control.boot()
        return {**computed(old, *COMPUTED), "instanceStatus": "RUNNING"}

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


RESOURCES = (Instance,)
