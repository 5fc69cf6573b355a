"""What a VPC's resolver is told, and what is read out of what it was told."""

from typing import Any

import pytest

from region.records import Record
from region.resolver_names import DOMAIN, PUBLIC_RECORD, RECORD, ZONE, ZONE_VPC, Answers, Name, lines

COS = {"cos.ap-guangzhou.myqcloud.com": "10.77.240.2"}


def thing(type_: str, id_: str, **inputs: Any) -> Record:
    return Record(id_, type_, id_, inputs, inputs)


def private(id_: str, sub: str, value: str, kind: str = "A", **inputs: Any) -> Record:
    given = {"zoneId": "zone-1", "subDomain": sub, "recordType": kind, "recordValue": value, **inputs}
    return thing(RECORD, id_, **given)


def public(id_: str, sub: str, value: str, kind: str = "A", **inputs: Any) -> Record:
    given = {"domain": "shop.test", "subDomain": sub, "recordType": kind, "value": value, **inputs}
    return thing(PUBLIC_RECORD, id_, **given)


def of(*records: Record, vpc: str = "vpc-1") -> list[str]:
    return lines(records, vpc, {}, {}).strip().splitlines()


ONE_VPC = [{"uniqVpcId": "vpc-1", "region": "r"}]
PRIVATE = thing(ZONE, "zone-1", domain="shop.internal", vpcSets=ONE_VPC)
PUBLIC = thing(DOMAIN, "shop.test", domain="shop.test")


def test_names_of_a_zone_and_public_names() -> None:
    records = [
        PRIVATE,
        private("r2", "redis", "10.0.11.5", ttl=60),
        private("r1", "mysql", "10.0.11.4"),
        private("r3", "other", "10.0.11.6", zoneId="zone-2"),
    ]
    assert lines(records, "vpc-1", COS, {"cdn.shop.test.cdn.dnsv1.com": "10.77.240.20"}) == (
        "address=/cos.ap-guangzhou.myqcloud.com/10.77.240.2\n"
        "local=/cos.ap-guangzhou.myqcloud.com/\n"
        "local=/cdn.shop.test.cdn.dnsv1.com/\n"
        "host-record=cdn.shop.test.cdn.dnsv1.com,10.77.240.20,600\n"
        "local=/shop.internal/\n"
        "host-record=mysql.shop.internal,10.0.11.4,600\n"
        "host-record=redis.shop.internal,10.0.11.5,60\n"
    )


def test_a_zone_is_known_in_its_own_vpcs_and_those_attached_to_it() -> None:
    attached = thing(ZONE_VPC, "a", zoneId="zone-1", vpcSet={"uniqVpcId": "vpc-2", "region": "r"})
    zone = "local=/shop.internal/"
    assert zone in of(PRIVATE, attached)
    assert zone in of(PRIVATE, attached, vpc="vpc-2")
    assert of(PRIVATE, attached, vpc="vpc-3") == []


def test_a_disabled_record_is_not_answered() -> None:
    assert of(PRIVATE, private("r1", "mysql", "10.0.11.4", status="disabled")) == ["local=/shop.internal/"]
    assert of(PUBLIC, public("r1", "@", "10.0.240.10", status="DISABLE")) == ["local=/shop.test/"]


def test_a_public_domain_is_answered_in_every_vpc_with_and_without_the_roots_dot() -> None:
    records = [
        PUBLIC,
        public("r1", "@", "10.0.240.10"),
        public("r2", "cdn", "cdn.shop.test.cdn.com.", "CNAME"),
    ]
    expected = [
        "local=/shop.test/",
        "cname=cdn.shop.test,cdn.shop.test.cdn.com,600",
        "host-record=shop.test,10.0.240.10,600",
    ]
    assert of(*records) == of(*records, vpc="vpc-9") == expected


def test_a_domain_that_is_switched_off_is_not_answered() -> None:
    off = thing(DOMAIN, "shop.test", domain="shop.test", status="disable")
    assert of(off, public("r1", "@", "10.0.240.10")) == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("CNAME", "web.shop.internal", "cname=a.shop.internal,web.shop.internal,600"),
        ("TXT", "hello", 'txt-record=a.shop.internal,"hello"'),
        ("AAAA", "fd00::1", "host-record=a.shop.internal,fd00::1,600"),
        ("MX", "mail.shop.internal", "mx-host=a.shop.internal,mail.shop.internal,10"),
        ("PTR", "web.shop.internal", "ptr-record=a.shop.internal,web.shop.internal"),
    ],
)
def test_kinds_of_records(kind: str, value: str, expected: str) -> None:
    assert of(PRIVATE, private("r1", "a", value, kind, mx=10)) == ["local=/shop.internal/", expected]


NAME = Name("mysql.shop.internal", "A", "10.0.11.4", 60)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (NAME.line(), ("10.0.11.4", 60)),
        ("host-record=mysql.shop.internal,10.0.11.9,60", ("10.0.11.9", 60)),
        ("host-record=mysql.shop.internal,10.0.11.4,5", ("10.0.11.4", 5)),
        ("host-record=redis.shop.internal,10.0.11.4,60", None),
        ("#" + NAME.line(), None),
        ("", None),
    ],
)
def test_a_record_is_read_as_the_resolver_has_it(said: str, expected: tuple[str, int] | None) -> None:
    assert Answers(("local=/shop.internal/", said)).find(NAME) == expected


def test_another_record_of_the_same_name_is_not_taken_for_this_one() -> None:
    other = Name("mysql.shop.internal", "A", "10.0.11.9", 60)
    assert Answers((other.line(),)).find(NAME, [other]) is None
