"""Registries as the shop's stack has them, with a host that pulls from them."""

from region.authority import ca
from region.resources.base import Properties
from region.resources.nat import Address, Gateway
from region.resources.route_table import Entry, Table
from region.resources.subnet import Subnet
from region.resources.tcr import Instance
from region.resources.tcr_objects import Namespace, Repository, Token
from tests.region.conftest import NET, Lab, Made
from tests.region.registry_client import Client

SHOP = "shop/shop"


def instance_inputs(name: str, *allowed: str) -> Properties:
    policies = [{"cidrBlock": source, "description": "a test's"} for source in allowed]
    kind = {"name": name, "instanceType": "basic"}
    return {**kind, "openPublicOperation": True, "securityPolicies": policies}


def build(lab: Lab, name: str, *allowed: str) -> dict[str, Made]:
    """An instance with the shop's repository and a token."""
    made = lab.make(Instance, name, instance_inputs(name, *allowed))
    inside = {"instanceId": made[0]}
    namespace = lab.make(Namespace, f"{name}-ns", {**inside, "name": "shop"})
    wanted = {**inside, "namespaceName": "shop", "name": "shop"}
    repository = lab.make(Repository, f"{name}-repo", wanted)
    token = lab.make(Token, f"{name}-token", {**inside, "description": "the shop's"})
    return {"instance": made, "namespace": namespace, "repository": repository, "token": token}


def client_of(lab: Lab, made: dict[str, Made]) -> Client:
    instance, token = made["instance"], made["token"][1]
    address, domain = lab.region.host(instance[0]).host.address, instance[1]["publicDomain"]
    return Client(address, domain, ca(lab.region.name), token["userName"], token["token"])


def operator(lab: Lab) -> str:
    return f"{lab.region.settings.operator_address}/32"


def way_out(lab: Lab) -> Made:
    """A host whose subnet has a way out by a NAT gateway."""
    vpc = {"vpcId": lab.network["vpcId"]}
    table = lab.make(Table, "web-routes", {**vpc, "name": "web"})
    address = lab.make(Address, "nat-address", {"name": "nat"})
    gateway = lab.make(Gateway, "nat", {**vpc, "name": "nat", "assignedEipSets": [address[1]["publicIp"]]})
    way = {"destinationCidrBlock": "0.0.0.0/0", "nextType": "NAT", "nextHub": gateway[0]}
    lab.make(Entry, "out", {**way, "routeTableId": table[0]})
    place = {"cidrBlock": f"{NET}.21.0/24", "availabilityZone": "ap-guangzhou-3"}
    subnet = lab.make(Subnet, "web", {**vpc, **place, "name": "web", "routeTableId": table[0]})
    return lab.instance("web-1", subnetId=subnet[0])
