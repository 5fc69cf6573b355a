"""Which hosts of a VPC get out of it, and as whom they are seen there."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from region.errors import RegionError
from region.hosts import Host
from region.network import INTERNET
from region.process import run
from region.resources.nat import Address, Gateway
from region.resources.route_table import Entry, Table
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import public_address
from tests.region.conftest import NET, Lab, Made, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

SEEN = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.client_address[0].encode())
http.server.ThreadingHTTPServer(("", 80), Handler).serve_forever()
"""
"""Answers with the address that the request came from."""
ASK = """
import sys, urllib.request
print(urllib.request.urlopen(f"http://{sys.argv[1]}/", timeout=5).read().decode())
"""
NO_WAY = ("Network is unreachable", "No route to host")


@dataclass(frozen=True)
class Scene:
    """A host in a subnet with its own route table, one in another subnet, and a server in the region's internet."""

    inside: Made
    other: Made
    table: Made
    subnet: Made
    public: str


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Scene:
    vpc = lab.network["vpcId"]
    table = lab.make(Table, "ops-routes", {"name": "ops", "vpcId": vpc})
    inputs = {
        "name": "ops",
        "cidrBlock": f"{NET}.21.0/24",
        "vpcId": vpc,
        "availabilityZone": "ap-guangzhou-3",
        "routeTableId": table[0],
    }
    subnet = lab.make(Subnet, "ops", inputs)
    inside, other = lab.instance("inside", subnetId=subnet[0]), lab.instance("other")
    # A server of the internet that is no resource of the region: what a CDN or somebody else's shop would be.
    public = public_address(lab.region.settings, 70)
    control = lab.region.prepare(
        Host("web-public", "public", "public", "img-host", INTERNET, (public,), "127.0.0.1")
    )
    control.boot()
    control.run(["systemd-run", "--quiet", "--unit=seen", "python3", "-u", "-c", SEEN])
    until(lambda: lab.script(("web-public", {}), KNOCK_SELF, public) == "open")
    return Scene(inside, other, table, subnet, public)


KNOCK_SELF = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 80), 1).close()
    print("open")
except OSError as error:
    print(error.strerror)
"""


@pytest.fixture
def address(lab: Lab, scene: Scene) -> Iterator[Made]:
    made = lab.make(Address, "nat-address", {"name": "nat"})
    yield made
    lab.remove(Address, made)


@pytest.fixture
def gateway(lab: Lab, address: Made) -> Iterator[Made]:
    inputs = {"name": "nat", "vpcId": lab.network["vpcId"], "assignedEipSets": [address[1]["publicIp"]]}
    made = lab.make(Gateway, "nat", inputs)
    yield made
    lab.remove(Gateway, made)


@pytest.fixture
def route(lab: Lab, scene: Scene, gateway: Made) -> Iterator[Made]:
    inputs = {
        "routeTableId": scene.table[0],
        "destinationCidrBlock": "0.0.0.0/0",
        "nextType": "NAT",
        "nextHub": gateway[0],
    }
    made = lab.make(Entry, "out", inputs)
    yield made
    lab.remove(Entry, made)


def test_without_a_route_nobody_gets_out_and_the_object_store_is_reached(lab: Lab, scene: Scene) -> None:
    store = public_address(lab.region.settings, 2)
    for host in (scene.inside, scene.other):
        assert lab.knock(host, scene.public, 80) in NO_WAY
        assert lab.knock(host, str(lab.region.settings.operator_address), 22) in NO_WAY
    # Nobody serves there in this region, which the public side itself says.
    assert lab.knock(scene.inside, store, 443) not in ("dropped", "Network is unreachable")


def test_by_a_nat_gateway_its_subnet_leaves_with_the_gateways_address(
    lab: Lab, scene: Scene, address: Made, route: Made
) -> None:
    assert lab.script(scene.inside, ASK, scene.public) == address[1]["publicIp"]
    assert lab.knock(scene.other, scene.public, 80) in NO_WAY, "another subnet has another table"
    assert lab.knock(scene.inside, "198.51.100.7", 443) in NO_WAY, "nothing leaves the machine"
    assert lab.knock(("web-public", {}), address[1]["publicIp"], 22) != "open", "nobody gets in by it"
    assert lab.knock(("web-public", {}), scene.inside[1]["privateIp"], 22) != "open"


def test_another_route_table_and_a_disabled_entry_take_effect_at_once(
    lab: Lab, scene: Scene, route: Made
) -> None:
    assert lab.knock(scene.inside, scene.public, 80) == "open"
    lab.change(Entry, route, disabled=True)
    assert lab.knock(scene.inside, scene.public, 80) in NO_WAY
    lab.change(Entry, route, disabled=False)
    vpc = lab.region.get(Vpc.type, lab.network["vpcId"])
    moved = lab.change(Subnet, scene.subnet, routeTableId=vpc.outputs["defaultRouteTableId"])
    assert lab.knock(scene.inside, scene.public, 80) in NO_WAY
    lab.change(Subnet, moved, routeTableId=scene.table[0])
    assert lab.knock(scene.inside, scene.public, 80) == "open"


def test_a_way_out_that_was_removed_by_hand_is_seen_and_laid_again(
    lab: Lab, scene: Scene, gateway: Made, address: Made, route: Made
) -> None:
    assert lab.look(Entry, route) == route[1]
    assert lab.look(Gateway, gateway) == gateway[1]
    router = lab.region.network.namespace(lab.network["vpcId"])
    run(["ip", "netns", "exec", router, "nft", "flush", "chain", "inet", "shopctl", "leaving"])
    assert lab.look(Entry, route) is None
    lab.change(Entry, route)
    assert lab.look(Entry, route) == route[1]
    internet = lab.region.network.namespace(INTERNET)
    run(["ip", "-n", internet, "route", "delete", f"{address[1]['publicIp']}/32"])
    assert lab.look(Gateway, gateway) == {**gateway[1], "assignedEipSets": []}
    lab.change(Gateway, gateway)
    assert lab.look(Gateway, gateway) == gateway[1]
    assert lab.script(scene.inside, ASK, scene.public) == address[1]["publicIp"]


def test_the_way_out_is_there_again_after_the_router_was_gone(
    lab: Lab, scene: Scene, address: Made, route: Made
) -> None:
    vpc = lab.network["vpcId"], lab.region.get(Vpc.type, lab.network["vpcId"]).outputs
    # By hand, and not by `close_vpc`: the kernel takes the link's other end away some moments after the router.
    run(["ip", "netns", "delete", lab.region.network.namespace(vpc[0])])
    lab.change(Vpc, vpc)
    assert lab.script(scene.inside, ASK, scene.public) == address[1]["publicIp"]
    assert lab.look(Entry, route) == route[1]


def test_what_is_still_used_is_not_deleted(lab: Lab, scene: Scene, address: Made, route: Made) -> None:
    with pytest.raises(RegionError, match="still used by the subnets ops"):
        lab.remove(Table, scene.table)
    with pytest.raises(RegionError, match="still used by nat-"):
        lab.remove(Address, address)


def test_what_cannot_be_routed_is_refused(lab: Lab, scene: Scene, route: Made, gateway: Made) -> None:
    inputs = {"routeTableId": scene.table[0], "nextType": "NAT", "nextHub": gateway[0]}
    for destination, words in (("0.0.0.0/0", "already"), (f"{NET}.11.0/24", "VPC's own")):
        with pytest.raises(RegionError, match=words):
            lab.make(Entry, "wrong", {**inputs, "destinationCidrBlock": destination})
    with pytest.raises(RegionError, match="is no EIP"):
        lab.make(Gateway, "wrong", {"vpcId": lab.network["vpcId"], "assignedEipSets": ["10.0.0.1"]})
