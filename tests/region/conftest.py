"""A region for the tests of managed services, with a VPC, a subnet and a group that lets the operator in."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from region import teardown
from region.records import Record
from region.region import Region
from region.resources.base import Properties, Resource
from region.resources.security_group import RuleSet, SecurityGroup
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import RegionSettings

SETTINGS = RegionSettings("rtest", "10.92.0.0/16", "10.92.240.0/20", "10.92.255.1")

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

    def _keep(self, resource: Resource, id_: str, name: str, inputs: Properties, outputs: Properties) -> None:
        self.region.records.put(Record(id_, resource.type, name, inputs, outputs))
        resource.settled(outputs)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A fresh region; nothing of it stays."""
    teardown.destroy(SETTINGS.name)
    region = Region(SETTINGS)
    region.open()
    lab = Lab(region)
    try:
        vpc, _ = lab.make(Vpc, "vpc", {"name": "rtest", "cidrBlock": "10.92.0.0/18"})
        subnet_inputs = {
            "name": "data",
            "cidrBlock": "10.92.11.0/24",
            "vpcId": vpc,
            "availabilityZone": "ap-guangzhou-3",
        }
        subnet, _ = lab.make(Subnet, "subnet", subnet_inputs)
        group, _ = lab.make(SecurityGroup, "group", {"name": "data"})
        operator = {"action": "ACCEPT", "cidrBlock": "10.92.255.1/32", "protocol": "TCP", "port": "ALL"}
        out = {"action": "ACCEPT", "cidrBlock": "0.0.0.0/0", "protocol": "ALL", "port": "ALL"}
        rules = {"securityGroupId": group, "ingresses": [operator], "egresses": [out]}
        lab.make(RuleSet, "rules", rules)
        lab.network = {"vpcId": vpc, "subnetId": subnet, "securityGroups": [group]}
        yield lab
    finally:
        teardown.destroy(SETTINGS.name)
