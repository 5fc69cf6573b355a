"""Who may do what in the buckets."""

import json
from typing import Any

from tests.unit.infra.recorder import Recording

SHOP = "qcs::cam::uin/100000000001:uin/100000000777"
ANYONE = "qcs::cam::anyone:anyone"


def allowed(stack: Recording, bucket: str) -> dict[str, set[str]]:
    """Principal → actions."""
    policy: dict[str, Any] = json.loads(stack.named(f"storage-{bucket}-policy").inputs["policy"])
    statements = policy["Statement"]
    assert {resource for s in statements for resource in s["Resource"]} == {
        f"qcs::cos:ap-guangzhou:uid/1250000000:shop-{bucket}-1250000000/*"
    }
    return {
        principal: {action.rpartition(":")[2] for action in s["Action"]}
        for s in statements
        for principal in s["Principal"]["qcs"]
    }


def test_anyone_reads_media_and_static_but_lists_and_writes_nothing(local: Recording) -> None:
    for bucket in ("media", "static"):
        assert allowed(local, bucket)[ANYONE] == {"GetObject", "HeadObject"}


def test_nobody_but_the_shop_touches_backups(local: Recording) -> None:
    assert set(allowed(local, "backups")) == {SHOP}


def test_the_shop_reads_writes_and_deletes_in_every_bucket(local: Recording) -> None:
    for bucket in ("media", "static", "backups"):
        assert {"GetBucket", "GetObject", "PutObject", "DeleteObject"} <= allowed(local, bucket)[SHOP]


def test_every_bucket_is_private_and_what_must_come_back_is_versioned(stack: Recording) -> None:
    buckets = {bucket.name: bucket.inputs for bucket in stack.of("Cos/bucket")}
    assert {inputs["acl"] for inputs in buckets.values()} == {"private"}
    assert {name for name, inputs in buckets.items() if inputs["versioningEnable"]} == {
        "storage-media",
        "storage-backups",
    }
