"""Who may do what in the buckets."""

import json
from typing import Any

import pytest

from tests.unit.infra.recorder import Recording, uin

ANYONE = "qcs::cam::anyone:anyone"
DELETES = {"DeleteObject", "DeleteMultipleObjects"}


def allowed(stack: Recording, bucket: str) -> dict[str, set[str]]:
    """User or anyone → actions."""
    policy: dict[str, Any] = json.loads(stack.named(f"storage-{bucket}-policy").inputs["policy"])
    statements = policy["Statement"]
    assert {resource for s in statements for resource in s["Resource"]} == {
        f"qcs::cos:ap-guangzhou:uid/1250000000:shop-{bucket}-1250000000/*"
    }
    users = {
        f"qcs::cam::uin/100000000001:uin/{uin(user.name)}": user.name.removeprefix("storage-")
        for user in stack.of("Cam/user")
    }
    return {
        users.get(principal, principal): {action.rpartition(":")[2] for action in s["Action"]}
        for s in statements
        for principal in s["Principal"]["qcs"]
    }


def test_anyone_reads_media_and_static_but_lists_and_writes_nothing(local: Recording) -> None:
    for bucket in ("media", "static"):
        assert allowed(local, bucket)[ANYONE] == {"GetObject", "HeadObject"}


@pytest.mark.parametrize(
    ("bucket", "users"),
    [
        ("media", {"app", ANYONE}),
        ("static", {"publisher", ANYONE}),
        ("backups", {"backup", "restore", "keeper"}),
    ],
)
def test_each_bucket_opens_to_its_own_users_alone(local: Recording, bucket: str, users: set[str]) -> None:
    assert set(allowed(local, bucket)) == users


def test_nobody_deletes_what_is_stored(local: Recording) -> None:
    """In COS, who may delete an object may delete its versions too."""
    for bucket in ("media", "static", "backups"):
        assert not DELETES & set().union(*allowed(local, bucket).values())


def test_a_backup_job_writes_and_a_restore_reads(local: Recording) -> None:
    users = allowed(local, "backups")
    assert {"GetBucket", "PutObject", "UploadPart"} <= users["backup"]
    assert not {"GetObject", "HeadObject"} & users["backup"]
    assert {"GetBucket", "GetObject", "GetBucketObjectVersions"} <= users["restore"]
    assert "PutObject" not in users["restore"] | users["keeper"]


def test_each_user_has_a_key_of_its_own(stack: Recording) -> None:
    users = {user.name: uin(user.name) for user in stack.of("Cam/user")}
    assert {key.name: key.inputs["targetUin"] for key in stack.of("Cam/accessKey")} == {
        f"{name}-key": number for name, number in users.items()
    }
    keys = stack.outputs["storage"]["users"]
    assert {role: key["accessKey"] for role, key in keys.items()} == {
        name.removeprefix("storage-"): f"AKID{name}-key" for name in users
    }


def test_every_bucket_is_private_and_what_must_come_back_is_versioned(stack: Recording) -> None:
    buckets = {bucket.name: bucket.inputs for bucket in stack.of("Cos/bucket")}
    assert {inputs["acl"] for inputs in buckets.values()} == {"private"}
    assert {name for name, inputs in buckets.items() if inputs["versioningEnable"]} == {
        "storage-media",
        "storage-backups",
    }
