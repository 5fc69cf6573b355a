"""Names as the hosts of a VPC get them answered."""

import pytest

from region.resources.base import Properties
from region.resources.private_dns import Record, Zone
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
