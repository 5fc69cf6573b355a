"""Names as the hosts of a VPC get them answered."""

import pytest

from region import resolver
from region.differences import differences
from region.hosts import HostControl
from region.resources import dnspod
from region.resources.base import Properties
from region.resources.private_dns import Record, Zone, ZoneVpc
from region.resources.vpc import Vpc
from tests.region.conftest import NET, Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

ASK = r"""
import secrets, socket, struct, sys
name, kind, server = sys.argv[1], int(sys.argv[2]), sys.argv[3]
id_ = secrets.token_bytes(2)
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.sendto(id_ + struct.pack("!5H", 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1), (server, 53))
answer = client.recv(1500)
assert answer[:2] == id_
code, count = answer[3] & 15, struct.unpack("!H", answer[6:8])[0]
last = ".".join(map(str, answer[-4:])) if count else ""
print({0: "NOERROR", 3: "NXDOMAIN", 5: "REFUSED"}.get(code, code), count, last)
"""
"""A question as RFC 1035 has it; prints the code, how many answers, and the last one's address."""

A, AAAA = "1", "28"
FILE = resolver.RECORDS_FILE


@pytest.fixture(scope="module")
def host(lab: Lab) -> Made:
    return lab.instance("asks")


@pytest.fixture(scope="module")
def zone(lab: Lab) -> str:
    inputs = {"domain": "shop.internal", "vpcSets": [{"uniqVpcId": lab.network["vpcId"], "region": "r"}]}
    return lab.make(Zone, "zone", inputs)[0]


def record(zone: str, name: str, value: str, kind: str = "A") -> Properties:
    return {"zoneId": zone, "subDomain": name, "recordType": kind, "recordValue": value, "ttl": 60}


def ask(lab: Lab, host: Made, name: str, kind: str = A) -> str:
    return lab.script(host, ASK, name, kind, f"{NET}.0.2")


def test_a_record_is_answered_changed_and_removed(lab: Lab, host: Made, zone: str) -> None:
    made = lab.make(Record, "mysql", record(zone, "mysql", f"{NET}.11.7"))
    assert ask(lab, host, "mysql.shop.internal") == f"NOERROR 1 {NET}.11.7"
    assert lab.run(host, "getent", "ahostsv4", "mysql.shop.internal").startswith(f"{NET}.11.7 ")
    made = lab.change(Record, made, recordValue=f"{NET}.11.8")
    assert ask(lab, host, "mysql.shop.internal") == f"NOERROR 1 {NET}.11.8"
    lab.remove(Record, made)
    assert ask(lab, host, "mysql.shop.internal") == "NXDOMAIN 0"


def test_an_alias_leads_to_its_name(lab: Lab, host: Made, zone: str) -> None:
    target = lab.make(Record, "redis", record(zone, "redis", f"{NET}.11.9"))
    alias = lab.make(Record, "cache", record(zone, "cache", "redis.shop.internal", "CNAME"))
    assert ask(lab, host, "cache.shop.internal") == f"NOERROR 2 {NET}.11.9"
    lab.remove(Record, alias)
    lab.remove(Record, target)


@pytest.mark.parametrize("name", ["nobody.shop.internal", "www.example.com"])
def test_an_unknown_name_does_not_exist(lab: Lab, host: Made, zone: str, name: str) -> None:
    assert ask(lab, host, name) == "NXDOMAIN 0"


def test_a_name_without_the_other_family_exists_all_the_same(lab: Lab, host: Made, zone: str) -> None:
    made = lab.make(Record, "web", record(zone, "web-1", f"{NET}.11.10"))
    assert ask(lab, host, "web-1.shop.internal", AAAA) == "NOERROR 0"
    lab.remove(Record, made)


@pytest.mark.parametrize(
    "name", ["cos.ap-guangzhou.myqcloud.com", "shop-media-1.cos.ap-guangzhou.myqcloud.com"]
)
def test_the_object_store_has_its_public_name(lab: Lab, host: Made, name: str) -> None:
    assert ask(lab, host, name) == f"NOERROR 1 {NET}.240.2"


def test_a_removed_zone_is_no_longer_answered(lab: Lab, host: Made) -> None:
    inputs = {"domain": "gone.internal", "vpcSets": [{"uniqVpcId": lab.network["vpcId"], "region": "r"}]}
    zone = lab.make(Zone, "gone", inputs)
    made = lab.make(Record, "gone", record(zone[0], "a", f"{NET}.11.11"))
    assert ask(lab, host, "a.gone.internal") == f"NOERROR 1 {NET}.11.11"
    lab.remove(Record, made)
    lab.remove(Zone, zone)
    assert ask(lab, host, "a.gone.internal") == "NXDOMAIN 0"


def server(lab: Lab) -> HostControl:
    return lab.region.host(resolver.host_id(lab.network["vpcId"]))


def test_what_was_done_to_a_record_by_hand_is_seen_and_undone(lab: Lab, host: Made, zone: str) -> None:
    mysql = lab.make(Record, "drift", record(zone, "drift", f"{NET}.11.7"))
    other = lab.make(Record, "other", record(zone, "other", f"{NET}.11.8"))
    assert lab.look(Record, mysql) == mysql[1]
    server(lab).run(["sed", "-i", f"s/drift.shop.internal,{NET}.11.7/drift.shop.internal,{NET}.11.9/", FILE])
    assert lab.look(Record, mysql) == {**mysql[1], "recordValue": f"{NET}.11.9"}
    lab.change(Record, mysql)
    assert ask(lab, host, "drift.shop.internal") == f"NOERROR 1 {NET}.11.7"
    server(lab).run(["sed", "-i", "/drift/d", FILE])
    server(lab).run(["systemctl", "restart", "dnsmasq"])
    assert ask(lab, host, "drift.shop.internal") == "NXDOMAIN 0"
    assert lab.look(Record, mysql) is None
    assert lab.look(Record, other) == other[1]
    lab.change(Record, mysql)
    assert ask(lab, host, "drift.shop.internal") == f"NOERROR 1 {NET}.11.7"
    lab.remove(Record, mysql)
    lab.remove(Record, other)


def test_a_resolver_that_was_stopped_answers_nothing_and_is_started_again(
    lab: Lab, host: Made, zone: str
) -> None:
    made = lab.make(Record, "stopped", record(zone, "stopped", f"{NET}.11.7"))
    zones = zone, lab.region.get(Zone.type, zone).outputs
    server(lab).run(["systemctl", "stop", "dnsmasq"])
    assert lab.look(Record, made) is None
    seen = lab.look(Zone, zones)
    assert seen is not None
    assert seen["vpcSets"] == []
    lab.change(Zone, zones)
    assert ask(lab, host, "stopped.shop.internal") == f"NOERROR 1 {NET}.11.7"
    assert lab.look(Record, made) == made[1]
    assert lab.look(Zone, zones) == zones[1]
    lab.remove(Record, made)


def test_a_zone_is_known_in_a_vpc_as_long_as_it_is_attached(lab: Lab, host: Made) -> None:
    zone = lab.make(Zone, "bare", {"domain": "bare.internal"})
    made = lab.make(Record, "bare", record(zone[0], "a", f"{NET}.11.12"))
    assert ask(lab, host, "a.bare.internal") == "NXDOMAIN 0"
    vpc = {"uniqVpcId": lab.network["vpcId"], "region": "r"}
    attachment = lab.make(ZoneVpc, "bare", {"zoneId": zone[0], "vpcSet": vpc})
    assert ask(lab, host, "a.bare.internal") == f"NOERROR 1 {NET}.11.12"
    assert lab.look(ZoneVpc, attachment) == attachment[1]
    lab.remove(ZoneVpc, attachment)
    assert ask(lab, host, "a.bare.internal") == "NXDOMAIN 0"
    lab.remove(Record, made)
    lab.remove(Zone, zone)


def test_public_names_are_answered_and_repaired(lab: Lab, host: Made) -> None:
    domain = lab.make(dnspod.Domain, "public", {"domain": "shop.test"})
    line = {"domain": "shop.test", "recordLine": "默认", "ttl": 600}
    address = f"{NET}.240.10"
    apex = lab.make(dnspod.Record, "apex", {**line, "subDomain": "@", "recordType": "A", "value": address})
    alias = lab.make(
        dnspod.Record, "www", {**line, "subDomain": "www", "recordType": "CNAME", "value": "shop.test."}
    )
    assert ask(lab, host, "shop.test") == f"NOERROR 1 {address}"
    assert ask(lab, host, "www.shop.test") == f"NOERROR 2 {address}"
    assert ask(lab, host, "nobody.shop.test") == "NXDOMAIN 0"
    assert lab.look(dnspod.Record, alias) == alias[1]
    server(lab).run(["sed", "-i", "/www/d", FILE])
    assert lab.look(dnspod.Record, alias) is None
    assert lab.look(dnspod.Record, apex) == apex[1]
    lab.change(dnspod.Record, alias)
    assert ask(lab, host, "www.shop.test") == f"NOERROR 2 {address}"
    lab.change(dnspod.Domain, domain, status="disable")
    assert ask(lab, host, "shop.test") == "NXDOMAIN 0"
    for made in (alias, apex):
        lab.remove(dnspod.Record, made)
    lab.remove(dnspod.Domain, domain)


def test_a_vpc_without_router_or_resolver_is_mended_under_its_hosts(lab: Lab, host: Made, zone: str) -> None:
    made = lab.make(Record, "mended", record(zone, "mended", f"{NET}.11.7"))
    vpc = lab.network["vpcId"], lab.region.get(Vpc.type, lab.network["vpcId"]).outputs
    assert lab.look(Vpc, vpc) == vpc[1]
    lab.region.network.close_vpc(vpc[0])
    lab.region.remove_host(resolver.host_id(vpc[0]))
    seen = lab.look(Vpc, vpc)
    assert seen is not None
    assert seen["name"] == f"{vpc[1]['name']} (no router, no resolver)"
    planned = differences(Vpc.type, seen, lab.region.get(Vpc.type, vpc[0]).inputs)
    assert [(found.path, found.replaces) for found in planned] == [("name", False)]
    vpc = lab.change(Vpc, vpc)
    assert lab.look(Vpc, vpc) == vpc[1]
    assert ask(lab, host, "mended.shop.internal") == f"NOERROR 1 {NET}.11.7"
    assert lab.look(Record, made) == made[1]
    lab.remove(Record, made)
