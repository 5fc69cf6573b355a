"""What a VPC's resolver is told."""

from typing import Any

from region.records import Record
from region.resolver import lines


def record(id_: str, **inputs: Any) -> Record:
    return Record(id_, "t:M/n:T", id_, inputs, inputs)


ZONE = record("zone-1", domain="shop.internal", vpcSets=[{"uniqVpcId": "vpc-1", "region": "r"}])


def test_names_of_a_zone_and_public_names() -> None:
    records = [
        record("r2", zoneId="zone-1", subDomain="redis", recordType="A", recordValue="10.0.11.5", ttl=60),
        record("r1", zoneId="zone-1", subDomain="mysql", recordType="A", recordValue="10.0.11.4"),
        record("r3", zoneId="zone-2", subDomain="other", recordType="A", recordValue="10.0.11.6"),
    ]
    assert lines([ZONE], records, {"cos.ap-guangzhou.myqcloud.com": "10.77.240.2"}) == (
        "address=/cos.ap-guangzhou.myqcloud.com/10.77.240.2\n"
        "local=/cos.ap-guangzhou.myqcloud.com/\n"
        "local=/shop.internal/\n"
        "host-record=mysql.shop.internal,10.0.11.4,600\n"
        "host-record=redis.shop.internal,10.0.11.5,60\n"
    )


def test_a_disabled_record_is_not_answered() -> None:
    off = record(
        "r1", zoneId="zone-1", subDomain="mysql", recordType="A", recordValue="10.0.11.4", status="disabled"
    )
    assert "mysql" not in lines([ZONE], [off], {})


def test_other_kinds_of_records() -> None:
    cname = record(
        "r1", zoneId="zone-1", subDomain="www", recordType="CNAME", recordValue="web.shop.internal"
    )
    text = record("r2", zoneId="zone-1", subDomain="@", recordType="TXT", recordValue="hello")
    assert lines([ZONE], [text, cname], {}).splitlines()[1:] == [
        'txt-record=shop.internal,"hello"',
        "cname=www.shop.internal,web.shop.internal,600",
    ]
