"""A region for the tests of resources, with a VPC, a subnet and a group that lets the operator in."""

import contextlib
import fcntl
import http.client
import os
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from region import teardown
from region.authority import ca
from region.process import run
from region.records import Record
from region.region import Region
from region.resources.base import Properties, Resource
from region.resources.instance import Instance
from region.resources.security_group import RuleSet, SecurityGroup
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import RegionSettings
from shopctl import image
from shopctl.environment import Environment
from shopctl.report import Report

LOCKS = Path("/run/lock")
OUT: Properties = {"action": "ACCEPT", "cidrBlock": "0.0.0.0/0", "protocol": "ALL", "port": "ALL"}
SLOT = int(os.environ.get("SHOPCTL_TEST_SLOT", "0"))
"""Tells apart runs of these tests that go side by side on one machine: 0 to 9."""


def settings_for(name: str, number: int) -> RegionSettings:
    """A region of the tests with a range of its own; `number` is 0 to 4."""
    base = f"10.{92 + 5 * SLOT + number}"
    return RegionSettings(f"{name}{SLOT or ''}", f"{base}.0.0/16", f"{base}.240.0/20", f"{base}.255.1")


SETTINGS = settings_for("rtest", 0)
NET, NET_1, NET_2, NET_3 = (f"10.{92 + 5 * SLOT + number}" for number in range(4))
"""The first two parts of the addresses of a slot's regions."""

Made = tuple[str, Properties]
"""An id, and outputs."""


@dataclass
class Lab:
    """A region, and what the engine does with resources; the records are kept as the provider keeps them."""

    region: Region
    network: Properties = field(default_factory=dict[str, Any])

    def make(self, kind: type[Resource], name: str, inputs: Properties) -> Made:
        """Create a resource as the provider does."""
        resource = kind(self.region)
        assert resource.check(inputs) == []
        id_ = resource.id_for(name, inputs)
        outputs = {**inputs, **resource.create(id_, inputs)}
        self._keep(resource, id_, name, inputs, outputs)
        return id_, outputs

    def change(self, kind: type[Resource], made: Made, **inputs: Any) -> Made:
        """Update a resource; `inputs` are those that change."""
        resource, (id_, old) = kind(self.region), made
        record = self.region.get(kind.type, id_)
        new = {**record.inputs, **inputs}
        outputs = {**new, **resource.update(id_, old, new)}
        self._keep(resource, id_, record.urn, new, outputs)
        return id_, outputs

    def look(self, kind: type[Resource], made: Made) -> Properties | None:
        """Read a resource."""
        return kind(self.region).read(*made)

    def remove(self, kind: type[Resource], made: Made) -> None:
        """Delete a resource."""
        resource, (id_, outputs) = kind(self.region), made
        resource.delete(id_, outputs)
        self.region.records.drop(kind.type, id_)
        resource.settled(outputs)

    def reboot(self, host_id: str) -> None:
        """Stop a host in order and boot it again."""
        control = self.region.host(host_id)
        control.stop()
        control.boot()

    def crash(self, host_id: str) -> None:
        """Kill a host as a power cut would, and boot it again."""
        control = self.region.host(host_id)
        leader = control.leader()
        assert leader
        os.kill(leader, signal.SIGKILL)
        control.stop()
        control.boot()

    def group(self, name: str, *ingresses: Properties) -> str:
        """A security group that lets the operator in, then what the rules say, and everything out."""
        group, _ = self.make(SecurityGroup, f"group-{name}", {"name": name})
        self.make(RuleSet, f"rules-{name}", {"securityGroupId": group, **self.rules(*ingresses)})
        return group

    def rules(self, *ingresses: Properties) -> Properties:
        """The rules of such a group."""
        address = f"{self.region.settings.operator_address}/32"
        operator = {"action": "ACCEPT", "cidrBlock": address, "protocol": "TCP", "port": "ALL"}
        return {"ingresses": [operator, *ingresses], "egresses": [OUT]}

    def instance(self, name: str, **inputs: Any) -> Made:
        """A CVM of the hosts' image."""
        return self.make(Instance, name, {**self.instance_inputs(name), **inputs})

    def instance_inputs(self, name: str) -> Properties:
        """What a CVM in the lab's network is asked for with."""
        network = {key: self.network[key] for key in ("vpcId", "subnetId")}
        return {
            **network,
            "orderlySecurityGroups": self.network["securityGroups"],
            "availabilityZone": "ap-guangzhou-3",
            "hostname": name,
            "imageId": "img-host",
        }

    def run(self, made: Made, *argv: str, stdin: str | None = None) -> str:
        """Run a command on a host."""
        return self.region.host(made[0]).run(list(argv), stdin=stdin)

    def script(self, made: Made, code: str, *words: str) -> str:
        """Run Python on a host; what it printed."""
        return self.run(made, "python3", "-c", code, *words).strip()

    def serve(self, made: Made, unit: str, *argv: str) -> None:
        """Run something on a host until it is stopped by its unit's name."""
        self.run(made, "systemd-run", "--quiet", "--collect", f"--unit={unit}", *argv)

    def knock(self, made: Made, address: str, port: int) -> str:
        """How a host's attempt at a TCP port ends: `open`, `dropped`, or the error."""
        return self.script(made, KNOCK, address, str(port))

    def _keep(self, resource: Resource, id_: str, name: str, inputs: Properties, outputs: Properties) -> None:
        self.region.records.put(Record(id_, resource.type, name, inputs, outputs))
        resource.settled(outputs)


KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 1).close()
    print("open")
except TimeoutError:
    print("dropped")
except OSError as error:
    print(error.strerror)
"""


@dataclass(frozen=True)
class Answer:
    """What an HTTP server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: str


def fetch(
    address: str,
    path: str = "/",
    *,
    host: str = "",
    port: int = 80,
    trust: str | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """GET from an address as `host`; with `trust`, a CA as PEM, by TLS, the certificate verified for `host`."""
    connection = http.client.HTTPConnection(address, port, timeout=10)
    with contextlib.closing(connection):
        if trust is not None:
            connection.connect()
            context = ssl.create_default_context(cadata=trust)
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        connection.request(
            "GET", path, headers={"Host": host or address, "Connection": "close", **(headers or {})}
        )
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def until(true: Callable[[], object], seconds: float = 10) -> float:
    """Wait until something is true, at most so long; how long it took."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() - begin < seconds, f"not so within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - begin


@pytest.fixture(scope="session")
def images() -> None:
    """The images that hosts boot from, baked where they are not in the cache."""
    image.ensure(Environment.load("test"), Report(quiet=True))


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Keep another run of the tests on this machine from using the same region at the same time."""
    with (LOCKS / f"shopctl-tests-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def laboratory(settings: RegionSettings, disk: int | None = None) -> Iterator[Lab]:
    """A fresh region; nothing of it stays. Its hosts may have a `disk` of their own, of so many MiB."""
    base = settings.cidr.rsplit(".", 2)[0]
    with alone(settings.name):
        teardown.destroy(settings.name)
        region = Region(settings)
        try:
            region.open()
            if disk:
                hosts = settings.root / "hosts"
                hosts.mkdir()
                run(["mount", "-t", "tmpfs", "-o", f"size={disk}m", "tmpfs", hosts])
            lab = Lab(region)
            vpc, _ = lab.make(Vpc, "vpc", {"name": settings.name, "cidrBlock": f"{base}.0.0/18"})
            subnet_inputs = {
                "name": "data",
                "cidrBlock": f"{base}.11.0/24",
                "vpcId": vpc,
                "availabilityZone": "ap-guangzhou-3",
            }
            subnet, _ = lab.make(Subnet, "subnet", subnet_inputs)
            lab.network = {"vpcId": vpc, "subnetId": subnet, "securityGroups": [lab.group("data")]}
            yield lab
        finally:
            teardown.destroy(settings.name)


@pytest.fixture(scope="module")
def lab(images: None) -> Iterator[Lab]:
    """The region of a module's tests."""
    with laboratory(SETTINGS) as lab:
        yield lab


@pytest.fixture
def trust(lab: Lab) -> str:
    """The region's CA."""
    return ca(lab.region.name)
