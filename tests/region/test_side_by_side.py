"""Two regions on one machine: the same names and kinds in both, and nothing of one to be seen from the other."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from region.errors import RegionError
from region.hosts import list_hosts
from region.network import INTERNET
from region.process import run
from region.resources.private_dns import Record, Zone
from region.revive import down
from tests.region.conftest import NET, NET_3, Lab, Made, laboratory, settings_for

pytestmark = [pytest.mark.region, pytest.mark.slow]

TWIN, BRIEF = settings_for("rtwin", 3), settings_for("rbrief", 4)
ASK = "import socket; print(socket.gethostbyname('web.shop.internal'))"


@dataclass(frozen=True)
class Side:
    """One region with a host and a name in it."""

    lab: Lab
    host: Made

    @property
    def address(self) -> str:
        return str(self.host[1]["privateIp"])


def furnish(lab: Lab) -> Side:
    anybody = {"action": "ACCEPT", "cidrBlock": "0.0.0.0/0", "protocol": "ALL", "port": "ALL"}
    group = lab.group("open", anybody)
    host = lab.instance("web-1", orderlySecurityGroups=[group])
    vpc = {"region": "ap-guangzhou", "uniqVpcId": lab.network["vpcId"]}
    zone, _ = lab.make(Zone, "zone", {"domain": "shop.internal", "vpcSets": [vpc]})
    record = {"zoneId": zone, "subDomain": "web", "recordType": "A", "recordValue": host[1]["privateIp"]}
    lab.make(Record, "web", {**record, "ttl": 60})
    return Side(lab, host)


@pytest.fixture(scope="module")
def sides(lab: Lab) -> Iterator[tuple[Side, Side]]:
    with laboratory(TWIN) as twin:
        yield furnish(lab), furnish(twin)


def test_each_region_answers_the_same_name_by_its_own_address(sides: tuple[Side, Side]) -> None:
    one, other = sides
    assert one.lab.script(one.host, ASK) == one.address
    assert other.lab.script(other.host, ASK) == other.address
    assert one.address.startswith(f"{NET}.")
    assert other.address.startswith(f"{NET_3}.")


@pytest.mark.parametrize("way", [0, 1])
def test_no_packet_passes_from_one_region_to_the_other(sides: tuple[Side, Side], way: int) -> None:
    here, there = sides[way], sides[1 - way]
    assert here.lab.knock(here.host, here.address, 22) == "open"
    router = here.lab.region.network.namespace(INTERNET)
    other = there.lab.region.settings.cidr.removesuffix(".0.0/16")
    # The other's host, resolver, operator and public addresses.
    for address in (there.address, f"{other}.0.2", f"{other}.255.1", f"{other}.240.1"):
        assert here.lab.knock(here.host, address, 22) not in ("open", "Connection refused")
        with pytest.raises(RegionError, match="unreachable"):
            run(["ip", "-n", router, "route", "get", address])


def test_a_region_that_goes_takes_nothing_of_the_other(sides: tuple[Side, Side]) -> None:
    stays, _ = sides
    before = list_hosts(stays.lab.region.name)
    with laboratory(BRIEF) as brief:
        goes = furnish(brief)
        assert goes.lab.script(goes.host, ASK) == goes.address
    assert list_hosts(stays.lab.region.name) == before
    assert down(stays.lab.region) == []
    assert stays.lab.script(stays.host, ASK) == stays.address
