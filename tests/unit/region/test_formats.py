"""Texts that the real provider refuses."""

import json

import pytest

from region import formats, schema

CHECKS = json.loads((schema.HERE / "tencentcloud-0.2.3-checks.json").read_text())
REFUSING = [
    (type_, path) for type_, rules in CHECKS.items() for path, rule in rules.items() if "refuses" in rule
]
# What each of the provider's refusals was provoked with; most formats are broken by a lone x.
WRONG = {
    ("Ssl/certificate", "cert"): "x\n",
    ("Ssl/certificate", "key"): "x\n",
    ("Key/pair", "keyName"): "a-b",
    ("Cos/bucket", "bucket"): "No Such_Bucket",
    ("Cos/bucketPolicy", "bucket"): "No Such_Bucket",
    ("Clb/targetGroupInstanceAttachment", "bindIp"): "",
    ("Clb/targetGroupInstanceAttachment", "targetGroupId"): "",
}


@pytest.mark.parametrize(("type_", "path"), REFUSING)
def test_each_refusal_of_the_real_provider_is_ours_too(type_: str, path: str) -> None:
    kind = type_.split(":")[1]
    assert formats.refusal(type_, path, WRONG.get((kind, path), "x"))


RIGHT = [
    ("Mysql/instance", "rootPassword", "Letters-and-1"),
    ("Instance/instance", "instanceType", "S5.MEDIUM2"),
    ("Cos/bucket", "bucket", "shop-media-1250000000"),
    ("Security/groupRule", "portRange", "80,443,8000-8010"),
    ("Security/groupRule", "portRange", "ALL"),
    ("Vpc/instance", "cidrBlock", "10.0.0.0/16"),
    ("Key/pair", "keyName", "shop_local"),
    ("As/schedule", "startTime", "2026-11-22T20:00:00+08:00"),
]


@pytest.mark.parametrize(("kind", "path", "text"), RIGHT)
def test_what_is_right_is_taken(kind: str, path: str, text: str) -> None:
    assert formats.refusal(f"tencentcloud:{kind}:X", path, text) is None


def test_properties_that_need_each_other_are_refused_alone() -> None:
    inputs = {"clbId": "lb-1", "listenerId": "lbl-1", "targets": [{"port": 80}], "domain": "shop.test"}
    failures = dict(schema.check("tencentcloud:Clb/attachment:Attachment", inputs))
    assert failures["domain"] == "needs domain, url together; missing: url"


def test_what_the_cloud_decides_cannot_be_set() -> None:
    ingress = {"action": "ACCEPT", "policyIndex": 1}
    inputs = {"securityGroupId": "sg-1", "ingresses": [ingress]}
    failures = dict(schema.check("tencentcloud:Security/groupRuleSet:GroupRuleSet", inputs))
    assert failures["ingresses[0].policyIndex"] == "is decided by the cloud and can't be set"
