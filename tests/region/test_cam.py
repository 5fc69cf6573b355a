"""Users, their keys and their policies, as who holds a key meets them."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from pydantic import SecretStr

from region import storage
from region.errors import RegionError
from region.resources.bucket import Bucket, BucketPolicy
from region.resources.cam import AccessKey, Policy, User, UserPolicyAttachment
from shopctl.drivers import s3
from shopctl.errors import ShopctlError
from tests.region.conftest import NET, Lab, Made

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = [pytest.mark.region, pytest.mark.slow]

BUCKET = "shop-backups-1250000000"
OBJECTS = f"qcs::cos:ap-guangzhou:uid/1250000000:{BUCKET}/*"


@pytest.fixture(scope="module")
def bucket(lab: Lab) -> Made:
    return lab.make(Bucket, "backups", {"bucket": BUCKET, "versioningEnable": True, "forceClean": True})


Open = Callable[[Made], "S3Client"]


@pytest.fixture
def opened(lab: Lab) -> Iterator[Open]:
    """Make an S3 client of an API key."""
    with contextlib.ExitStack() as stack:

        def opened(key: Made) -> "S3Client":
            made = boto3.client(
                "s3",
                endpoint_url=f"https://{NET}.240.2",
                aws_access_key_id=key[1]["accessKey"],
                aws_secret_access_key=key[1]["secretAccessKey"],
                region_name="ap-guangzhou",
                verify=str(lab.region.settings.root / "authority/ca.pem"),
                config=Config(
                    s3={"addressing_style": "path"},
                    retries={"max_attempts": 2},
                    proxies={},
                    # As the shop does; the store checks the signature of such requests only.
                    request_checksum_calculation="when_required",
                ),
            )
            stack.callback(made.close)
            return made

        yield opened


def refusal(act: Callable[[], object]) -> str:
    """The code with which something is refused; empty when it is not."""
    try:
        act()
    except ClientError as error:
        return error.response.get("Error", {}).get("Code", "")
    return ""


def user(lab: Lab, name: str) -> Made:
    return lab.make(User, name, {"name": name, "useApi": False, "forceDelete": True})


def key_of(lab: Lab, name: str, owner: Made) -> Made:
    return lab.make(AccessKey, name, {"targetUin": owner[1]["uin"]})


def document(effect: str, *actions: str) -> str:
    statement = {"effect": effect, "action": [f"cos:{one}" for one in actions], "resource": [OBJECTS]}
    return json.dumps({"version": "2.0", "statement": [statement]})


def test_a_key_does_what_its_users_policy_lets_it(lab: Lab, bucket: Made, opened: Open) -> None:
    writer = user(lab, "writer")
    s3 = opened(key_of(lab, "writer-key", writer))
    put = lambda: s3.put_object(Bucket=BUCKET, Key="dump", Body=b"")  # noqa: E731
    assert refusal(put) == "AccessDenied"
    policy = lab.make(Policy, "write", {"name": "write", "document": document("allow", "PutObject")})
    given = lab.make(UserPolicyAttachment, "given", {"userName": "writer", "policyId": policy[0]})
    assert refusal(put) == ""
    assert refusal(lambda: s3.get_object(Bucket=BUCKET, Key="dump")) == "AccessDenied"
    assert refusal(lambda: s3.delete_object(Bucket=BUCKET, Key="dump")) == "AccessDenied"
    lab.change(Policy, policy, document=document("allow", "GetObject"))
    assert (refusal(put), refusal(lambda: s3.get_object(Bucket=BUCKET, Key="dump"))) == ("AccessDenied", "")
    with pytest.raises(RegionError, match="attached to writer"):
        Policy(lab.region).delete(*policy)
    lab.remove(UserPolicyAttachment, given)
    assert refusal(lambda: s3.get_object(Bucket=BUCKET, Key="dump")) == "AccessDenied"
    lab.remove(Policy, policy)


def test_a_buckets_policy_and_a_users_own_meet(lab: Lab, bucket: Made, opened: Open) -> None:
    both = user(lab, "both")
    s3 = opened(key_of(lab, "both-key", both))
    statement = {
        "effect": "allow",
        "principal": {"qcs": [f"qcs::cam::uin/1:uin/{both[1]['uin']}"]},
        "action": ["name/cos:PutObject"],
        "resource": [OBJECTS],
    }
    text = json.dumps({"version": "2.0", "statement": [statement]})
    shared = lab.make(BucketPolicy, "shared", {"bucket": BUCKET, "policy": text})
    reading = lab.make(Policy, "read", {"name": "read", "document": document("allow", "GetObject")})
    given = lab.make(UserPolicyAttachment, "both-read", {"userName": "both", "policyId": reading[0]})
    assert refusal(lambda: s3.put_object(Bucket=BUCKET, Key="b", Body=b"")) == ""
    assert refusal(lambda: s3.get_object(Bucket=BUCKET, Key="b")) == ""
    assert lab.look(BucketPolicy, shared) == shared[1]
    assert lab.look(UserPolicyAttachment, given) == given[1]
    storage.client(lab.region).delete_bucket_policy(Bucket=BUCKET)
    assert lab.look(BucketPolicy, shared) is None
    assert lab.look(UserPolicyAttachment, given) is None
    lab.change(UserPolicyAttachment, given)
    assert lab.look(BucketPolicy, shared) == shared[1]
    lab.remove(BucketPolicy, shared)
    assert refusal(lambda: s3.put_object(Bucket=BUCKET, Key="b", Body=b"")) == "AccessDenied"
    assert refusal(lambda: s3.get_object(Bucket=BUCKET, Key="b")) == "", (
        "the user's own policy is still there"
    )
    lab.remove(UserPolicyAttachment, given)


def test_a_key_that_was_deleted_is_gone_and_comes_back_with_its_rights(
    lab: Lab, bucket: Made, opened: Open
) -> None:
    owner = user(lab, "owner")
    key = key_of(lab, "owner-key", owner)
    policy = lab.make(Policy, "own", {"name": "own", "document": document("allow", "PutObject")})
    lab.make(UserPolicyAttachment, "own-given", {"userName": "owner", "policyId": policy[0]})
    assert lab.look(AccessKey, key) == key[1]
    storage.drop_account(lab.region, key[1]["accessKey"])
    assert lab.look(AccessKey, key) is None
    again = key_of(lab, "owner-key", owner)
    assert again[1]["secretAccessKey"] != key[1]["secretAccessKey"]
    assert refusal(lambda: opened(again).put_object(Bucket=BUCKET, Key="o", Body=b"")) == ""
    assert (
        refusal(lambda: opened(key).put_object(Bucket=BUCKET, Key="o", Body=b"")) == "SignatureDoesNotMatch"
    )


def test_a_key_is_switched_off_and_on(lab: Lab, bucket: Made, opened: Open) -> None:
    key = key_of(lab, "switched-key", user(lab, "switched"))
    look = lambda: opened(key).list_buckets()  # noqa: E731
    assert refusal(look) == ""
    off = lab.change(AccessKey, key, status="Inactive")
    assert refusal(look) == "InvalidAccessKeyId"
    assert lab.look(AccessKey, off) == off[1]
    on = lab.change(AccessKey, off, status="Active")
    assert refusal(look) == ""
    assert on[1]["secretAccessKey"] == key[1]["secretAccessKey"]
    lab.remove(AccessKey, on)
    assert refusal(look) == "InvalidAccessKeyId"


def test_a_user_has_two_keys_and_goes_with_force_only(lab: Lab, bucket: Made) -> None:
    made = lab.make(User, "busy", {"name": "busy", "useApi": True})
    second = key_of(lab, "busy-key", made)
    with pytest.raises(RegionError, match="user busy has 2 API keys already"):
        key_of(lab, "busy-third", made)
    with pytest.raises(RegionError, match=r"busy has API keys; .* forceDelete"):
        lab.remove(User, made)
    lab.remove(AccessKey, second)
    storage.drop_account(lab.region, made[1]["secretId"])
    shown = lab.look(User, made)
    assert shown == {**made[1], "useApi": False, "secretId": "", "secretKey": ""}
    made = lab.change(User, (made[0], shown))
    assert lab.look(User, made) == made[1]
    assert made[1]["secretKey"]
    adopted = User(lab.region).adopt("busy")
    assert adopted
    assert adopted[0] == {"name": "busy", "useApi": True}
    assert User(lab.region).adopt("nobody") is None
    lab.remove(User, lab.change(User, made, useApi=False))


def test_a_key_of_nobody_is_refused(lab: Lab, bucket: Made) -> None:
    with pytest.raises(RegionError, match="targetUin 7 is no user"):
        lab.make(AccessKey, "nobody", {"targetUin": 7})
    assert AccessKey(lab.region).check({}) == [
        ("targetUin", "is required by the local region: the account itself has no keys here")
    ]


def test_the_keeper_locks_a_bucket_and_what_is_written_stays(lab: Lab, bucket: Made, opened: Open) -> None:
    name = "shop-kept-1250000000"
    kept = lab.make(Bucket, "kept", {"bucket": name, "versioningEnable": True, "forceClean": True})
    path = f"qcs::cos:ap-guangzhou:uid/1250000000:{name}/*"
    rights = {"keeper": ["PutBucketObjectLockConfiguration", "GetBucketObjectLockConfiguration"]}
    rights["job"] = ["PutObject", "DeleteObject"]
    statements, keys = [], {}
    for role, actions in rights.items():
        owner = user(lab, role)
        keys[role] = key_of(lab, f"{role}-key", owner)
        principal = {"qcs": [f"qcs::cam::uin/1:uin/{owner[1]['uin']}"]}
        names = [f"name/cos:{action}" for action in actions]
        statements.append({"effect": "allow", "principal": principal, "action": names, "resource": [path]})
    text = json.dumps({"version": "2.0", "Statement": statements})
    lab.make(BucketPolicy, "kept-policy", {"bucket": name, "policy": text})
    ca = lab.region.settings.root / "authority/ca.pem"
    server = s3.Server("https://cos.ap-guangzhou.myqcloud.com", "ap-guangzhou", f"{NET}.240.2", ca)
    made = keys["keeper"][1]
    key = s3.Key(made["accessKey"], SecretStr(made["secretAccessKey"]))
    job = opened(keys["job"])
    with s3.opened(server, key, bucket=name) as client:
        assert s3.locked_days(client, name) == 0
        s3.lock_for(client, name, 3)
        assert s3.locked_days(client, name) == 3
        written = job.put_object(Bucket=name, Key="dump", Body=b"")["VersionId"]
        assert (
            refusal(lambda: job.delete_object(Bucket=name, Key="dump", VersionId=written)) == "AccessDenied"
        )
    stranger = s3.Key(keys["job"][1]["accessKey"], SecretStr(keys["job"][1]["secretAccessKey"]))
    with (
        pytest.raises(ShopctlError, match=f"bucket {name}: AccessDenied"),
        s3.opened(server, stranger, bucket=name) as client,
    ):
        s3.lock_for(client, name, 1)
    lab.remove(Bucket, kept)
