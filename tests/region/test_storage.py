"""The object store as the shop and its visitors meet it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from region.errors import RegionError
from region.hosts import folder, list_hosts
from region.resources.bucket import Bucket, BucketPolicy
from region.resources.cam import User
from region.storage import HOST, client
from tests.region.conftest import NET, Answer, Lab, Made, fetch, laboratory, settings_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = [pytest.mark.region, pytest.mark.slow]

NAME = "cos.ap-guangzhou.myqcloud.com"
MEDIA, BACKUPS = "shop-media-1250000000", "shop-backups-1250000000"


def policy(bucket: str, uin: int, *, public: bool) -> str:
    objects = [f"qcs::cos:ap-guangzhou:uid/1250000000:{bucket}/*"]
    actions = ["GetBucket", "GetObject", "PutObject", "DeleteObject", "GetBucketObjectVersions"]
    user = {"qcs": [f"qcs::cam::uin/100000000001:uin/{uin}"]}
    own = {"effect": "allow", "action": [f"name/cos:{action}" for action in actions]}
    anyone = {"effect": "allow", "action": ["name/cos:GetObject"]}
    statements = [{**own, "principal": user, "resource": objects}]
    if public:
        statements.append({**anyone, "principal": {"qcs": ["qcs::cam::anyone:anyone"]}, "resource": objects})
    return json.dumps({"version": "2.0", "Statement": statements})


@dataclass(frozen=True)
class Store:
    """A public bucket with versions, a private one, and the shop's user."""

    media: Made
    backups: Made
    user: Made


@pytest.fixture(scope="module")
def store(lab: Lab) -> Store:
    media = lab.make(Bucket, "media", {"bucket": MEDIA, "versioningEnable": True})
    backups = lab.make(Bucket, "backups", {"bucket": BACKUPS})
    user = lab.make(User, "user", {"name": "shop-app", "useApi": True})
    for bucket in (MEDIA, BACKUPS):
        text = policy(bucket, user[1]["uin"], public=bucket == MEDIA)
        lab.make(BucketPolicy, f"{bucket}-policy", {"bucket": bucket, "policy": text})
    return Store(media, backups, user)


Connect = Callable[[str, str], "S3Client"]


@pytest.fixture
def connect(lab: Lab) -> Iterator[Connect]:
    """Make S3 clients from keys; they are closed afterwards."""
    with contextlib.ExitStack() as stack:

        def connect(access: str, secret: str) -> "S3Client":
            made = boto3.client(
                "s3",
                endpoint_url=f"https://{NET}.240.2",
                aws_access_key_id=access,
                aws_secret_access_key=secret,
                region_name="ap-guangzhou",
                verify=str(lab.region.settings.root / "authority/ca.pem"),
                config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, proxies={}),
            )
            stack.callback(made.close)
            return made

        yield connect


@pytest.fixture
def shop(store: Store, connect: Connect) -> "S3Client":
    return connect(store.user[1]["secretId"], store.user[1]["secretKey"])


@pytest.fixture
def anybody(trust: str) -> Callable[[str], Answer]:
    """GET a path of the store without a key, by its public name."""
    return lambda path: fetch(f"{NET}.240.2", path, host=NAME, port=443, trust=trust)


def read(s3: "S3Client", bucket: str, key: str, version: str = "") -> bytes:
    given = {"VersionId": version} if version else {}
    return s3.get_object(Bucket=bucket, Key=key, **given)["Body"].read()  # type: ignore[arg-type]


@contextlib.contextmanager
def refused(*codes: str) -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response.get("Error", {}).get("Code") in codes


def test_the_user_reads_and_writes_where_the_policies_let_it(shop: "S3Client") -> None:
    for bucket in (MEDIA, BACKUPS):
        shop.put_object(Bucket=bucket, Key="a/b 商品.txt", Body=b"inside")
        assert read(shop, bucket, "a/b 商品.txt") == b"inside"
        assert [item.get("Key") for item in shop.list_objects_v2(Bucket=bucket, Prefix="a/")["Contents"]] == [
            "a/b 商品.txt"
        ]


def test_anybody_reads_what_is_public_and_nothing_else(
    shop: "S3Client", anybody: Callable[[str], Answer]
) -> None:
    for bucket in (MEDIA, BACKUPS):
        shop.put_object(Bucket=bucket, Key="picture", Body=b"pixels")
    answer = anybody(f"/{MEDIA}/picture")
    assert (answer.status, answer.body) == (200, "pixels")
    assert anybody(f"/{BACKUPS}/picture").status == 403
    assert anybody(f"/{MEDIA}/?list-type=2").status == 403, "to read an object is not to list the bucket"


def test_another_policy_takes_effect_at_once(
    lab: Lab, store: Store, shop: "S3Client", anybody: Callable[[str], Answer]
) -> None:
    shop.put_object(Bucket=BACKUPS, Key="now-public", Body=b"x")
    uin, made = store.user[1]["uin"], (BACKUPS, lab.region.get(BucketPolicy.type, BACKUPS).outputs)
    lab.change(BucketPolicy, made, policy=policy(BACKUPS, uin, public=True))
    assert anybody(f"/{BACKUPS}/now-public").status == 200
    lab.change(BucketPolicy, made, policy=policy(BACKUPS, uin, public=False))
    assert anybody(f"/{BACKUPS}/now-public").status == 403


def test_a_wrong_key_is_refused(store: Store, connect: Connect) -> None:
    access, secret = store.user[1]["secretId"], store.user[1]["secretKey"]
    with refused("SignatureDoesNotMatch"):
        read(connect(access, "0" * len(secret)), MEDIA, "picture")
    with refused("InvalidAccessKeyId"):
        read(connect("AKIDnobody", secret), MEDIA, "picture")


def test_a_policy_for_an_unknown_user_is_refused(lab: Lab, store: Store) -> None:
    with pytest.raises(RegionError, match="names user 7, who is no user"):
        BucketPolicy(lab.region).create(MEDIA, {"bucket": MEDIA, "policy": policy(MEDIA, 7, public=False)})


def test_an_overwritten_object_keeps_its_old_version(shop: "S3Client") -> None:
    first = shop.put_object(Bucket=MEDIA, Key="poster", Body=b"old")["VersionId"]
    shop.put_object(Bucket=MEDIA, Key="poster", Body=b"new")
    assert read(shop, MEDIA, "poster") == b"new"
    assert read(shop, MEDIA, "poster", first) == b"old"
    shop.delete_object(Bucket=MEDIA, Key="poster")
    with refused("NoSuchKey"):
        read(shop, MEDIA, "poster")
    assert read(shop, MEDIA, "poster", first) == b"old"


def test_a_bucket_with_objects_goes_only_with_force_clean(
    lab: Lab, store: Store, connect: Connect, anybody: Callable[[str], Answer]
) -> None:
    name = "shop-full-1250000000"
    made = lab.make(Bucket, "full", {"bucket": name, "versioningEnable": True})
    text = policy(name, store.user[1]["uin"], public=True)
    grant = lab.make(BucketPolicy, "full-policy", {"bucket": name, "policy": text})
    s3 = connect(store.user[1]["secretId"], store.user[1]["secretKey"])
    for body in (b"old", b"new"):
        s3.put_object(Bucket=name, Key="kept", Body=body)
    with pytest.raises(RegionError, match=f"{name}.*forceClean"):
        lab.remove(Bucket, made)
    assert anybody(f"/{name}/kept").body == "new"
    made = lab.change(Bucket, made, forceClean=True)
    lab.remove(BucketPolicy, grant)
    lab.remove(Bucket, made)
    assert lab.look(Bucket, made) is None
    assert anybody(f"/{name}/kept").status in (403, 404)


@pytest.mark.parametrize("accident", ["reboot", "crash"])
def test_everything_survives_a_restart_of_the_store(
    lab: Lab, store: Store, shop: "S3Client", anybody: Callable[[str], Answer], accident: str
) -> None:
    first = shop.put_object(Bucket=MEDIA, Key=accident, Body=b"old")["VersionId"]
    shop.put_object(Bucket=MEDIA, Key=accident, Body=b"new")
    shop.put_object(Bucket=BACKUPS, Key=accident, Body=b"private")
    getattr(lab, accident)(HOST)
    lab.region.host(HOST).wait_for(["curl", "--silent", "--fail", f"https://{NET}.240.2/healthz"], "store")
    assert read(shop, MEDIA, accident) == b"new"
    assert read(client(lab.region), MEDIA, accident, first) == b"old"
    assert read(shop, BACKUPS, accident) == b"private"
    assert anybody(f"/{MEDIA}/{accident}").status == 200
    assert anybody(f"/{BACKUPS}/{accident}").status == 403


def test_a_removed_user_is_refused_at_once(lab: Lab, store: Store, connect: Connect) -> None:
    user = lab.make(User, "leaver", {"name": "leaver", "useApi": True, "forceDelete": True})
    s3 = connect(user[1]["secretId"], user[1]["secretKey"])
    with refused("AccessDenied"):
        read(s3, BACKUPS, "picture")
    lab.remove(User, user)
    with refused("InvalidAccessKeyId"):
        read(s3, BACKUPS, "picture")


def test_the_store_goes_with_the_last_bucket_and_user(images: None) -> None:
    settings = settings_for("rstore", 2)
    with laboratory(settings) as lab:
        bucket = lab.make(Bucket, "bucket", {"bucket": "last-1250000000"})
        user = lab.make(User, "user", {"name": "shop-app", "useApi": True, "forceDelete": True})
        lab.remove(Bucket, bucket)
        assert HOST in {host.id for host in list_hosts(settings.name)}, "the user has its key there"
        lab.remove(User, user)
        assert HOST not in {host.id for host in list_hosts(settings.name)}
        assert not folder(settings.name, HOST).exists()


def test_what_a_hand_changed_of_a_bucket_is_shown_and_repaired(lab: Lab, store: Store) -> None:
    rules = [{"allowedHeaders": ["*"], "allowedMethods": ["GET"], "allowedOrigins": ["https://shop.test"]}]
    wanted = {"versioningEnable": True, "acl": "public-read", "tags": {"app": "shop"}, "corsRules": rules}
    made = lab.make(Bucket, "drift", {"bucket": "shop-drift-1250000000", "forceClean": True, **wanted})
    assert lab.look(Bucket, made) == made[1]
    owner, name = client(lab.region), made[0]
    owner.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    owner.put_bucket_acl(Bucket=name, ACL="private")
    owner.delete_bucket_tagging(Bucket=name)
    owner.delete_bucket_cors(Bucket=name)
    bare = {"versioningEnable": False, "acl": "private", "tags": {}, "corsRules": []}
    assert lab.look(Bucket, made) == {**made[1], **bare}
    made = lab.change(Bucket, made)
    assert lab.look(Bucket, made) == made[1]
    made = lab.change(Bucket, made, versioningEnable=False, acl="private", tags=None, corsRules=None)
    assert lab.look(Bucket, made) == made[1]
    owner.delete_bucket(Bucket=name)
    assert lab.look(Bucket, made) is None
    lab.remove(Bucket, made)


def test_a_policy_that_was_removed_or_changed_is_shown_and_repaired(
    lab: Lab, store: Store, shop: "S3Client", anybody: Callable[[str], Answer]
) -> None:
    made = (MEDIA, lab.region.get(BucketPolicy.type, MEDIA).outputs)
    assert lab.look(BucketPolicy, made) == made[1]
    owner = client(lab.region)
    owner.delete_bucket_policy(Bucket=MEDIA)
    assert lab.look(BucketPolicy, made) is None
    lab.change(BucketPolicy, made)
    assert lab.look(BucketPolicy, made) == made[1]
    laid = json.loads(owner.get_bucket_policy(Bucket=MEDIA)["Policy"])
    shop.put_object(Bucket=MEDIA, Key="hidden", Body=b"x")
    private = {**laid, "Statement": [one for one in laid["Statement"] if one["Principal"] != "*"]}
    owner.put_bucket_policy(Bucket=MEDIA, Policy=json.dumps(private))
    assert anybody(f"/{MEDIA}/hidden").status == 403
    shown = lab.look(BucketPolicy, made)
    assert shown
    assert json.loads(shown["policy"]) == private
    lab.change(BucketPolicy, made)
    assert anybody(f"/{MEDIA}/hidden").status == 200
    assert lab.look(BucketPolicy, made) == made[1]


def test_a_bucket_that_is_gone_is_read_so_with_its_policy_and_both_come_back(
    lab: Lab, store: Store, connect: Connect
) -> None:
    name = "shop-lost-1250000000"
    bucket = lab.make(Bucket, "lost", {"bucket": name, "versioningEnable": True, "forceClean": True})
    text = policy(name, store.user[1]["uin"], public=False)
    grant = lab.make(BucketPolicy, "lost-policy", {"bucket": name, "policy": text})
    client(lab.region).delete_bucket(Bucket=name)
    assert lab.look(Bucket, bucket) is None
    assert lab.look(BucketPolicy, grant) is None
    # The engine makes the bucket anew, and then the policy.
    bucket = lab.make(Bucket, "lost", {"bucket": name, "versioningEnable": True, "forceClean": True})
    grant = lab.make(BucketPolicy, "lost-policy", {"bucket": name, "policy": text})
    assert lab.look(Bucket, bucket) == bucket[1]
    assert lab.look(BucketPolicy, grant) == grant[1]
    shop = connect(store.user[1]["secretId"], store.user[1]["secretKey"])
    shop.put_object(Bucket=name, Key="again", Body=b"here")
    assert read(shop, name, "again") == b"here"
    lab.remove(BucketPolicy, grant)
    lab.remove(Bucket, bucket)


def test_locked_objects_stay_and_go_with_force_clean(lab: Lab, store: Store) -> None:
    made = lab.make(Bucket, "locked", {"bucket": "shop-locked-1250000000", "versioningEnable": True})
    owner = client(lab.region)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    owner.put_object_lock_configuration(Bucket=made[0], ObjectLockConfiguration=lock)  # type: ignore[arg-type]
    version = owner.put_object(Bucket=made[0], Key="a/kept", Body=b"x")["VersionId"]
    with refused("AccessDenied"):
        owner.delete_object(Bucket=made[0], Key="a/kept", VersionId=version)
    with pytest.raises(RegionError, match="Object Lock"):
        lab.change(Bucket, made, versioningEnable=False)
    made = lab.change(Bucket, made, versioningEnable=True, forceClean=True)
    lab.remove(Bucket, made)
    assert lab.look(Bucket, made) is None


def test_a_stopped_store_is_shown_and_started_again(
    lab: Lab, store: Store, shop: "S3Client", anybody: Callable[[str], Answer]
) -> None:
    shop.put_object(Bucket=MEDIA, Key="still", Body=b"there")
    lab.region.host(HOST).run(["systemctl", "stop", "cos"])
    shown = lab.look(Bucket, store.media)
    assert shown == {**store.media[1], "acl": "unreachable"}
    lab.change(Bucket, (MEDIA, shown))
    assert lab.look(Bucket, store.media) == store.media[1]
    assert anybody(f"/{MEDIA}/still").body == "there"
