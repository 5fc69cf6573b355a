"""What the program finds in the object store, and what it puts there."""

import pytest

from region.resources.bucket import Bucket
from region.resources.bucket_object import BucketObject
from region.storage import client
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

NAME = "shop-notices-1250000000"


@pytest.fixture(scope="module")
def bucket(lab: Lab) -> Made:
    return lab.make(Bucket, "notices", {"bucket": NAME, "forceClean": True})


def content(lab: Lab) -> tuple[str, str]:
    """What the store has, and of which type."""
    found = client(lab.region).get_object(Bucket=NAME, Key="notice.txt")
    return found["Body"].read().decode(), found["ContentType"]


def test_an_object_of_the_program_is_put_shown_and_repaired(lab: Lab, bucket: Made) -> None:
    asked = {"bucket": NAME, "key": "notice.txt", "content": "closed", "contentType": "text/plain"}
    made = lab.make(BucketObject, "notice", asked)
    assert content(lab) == ("closed", "text/plain")
    assert lab.look(BucketObject, made) == made[1]
    client(lab.region).put_object(Bucket=NAME, Key="notice.txt", Body=b"open", ContentType="text/html")
    shown = lab.look(BucketObject, made)
    assert shown
    assert (shown["content"], shown["contentType"]) == ("", "text/html")
    made = lab.change(BucketObject, (made[0], shown), content="closed until 9")
    assert content(lab) == ("closed until 9", "text/plain")
    assert lab.look(BucketObject, made) == made[1]
    lab.remove(BucketObject, made)
    assert lab.look(BucketObject, made) is None


def test_an_object_needs_a_content_or_a_source_and_not_both(lab: Lab) -> None:
    check = BucketObject(lab.region).check
    assert check({"bucket": NAME, "key": "a"}) == check(
        {"bucket": NAME, "key": "a", "content": "a", "source": "b"}
    )
    assert check({"bucket": NAME, "key": "a"})[0][0] == "content"
    assert check({"bucket": NAME, "key": "a", "content": ""}) == []


def test_a_bucket_made_by_hand_is_adopted(lab: Lab, bucket: Made) -> None:
    name = "shop-found-1250000000"
    client(lab.region).create_bucket(Bucket=name)
    client(lab.region).put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "by", "Value": "hand"}]})
    adopted = Bucket(lab.region).adopt(name)
    assert adopted == (
        {"bucket": name, "acl": "private", "tags": {"by": "hand"}},
        {"cosBucketUrl": f"{name}.cos.ap-guangzhou.myqcloud.com"},
    )
    assert Bucket(lab.region).adopt("shop-nowhere-1250000000") is None
    client(lab.region).delete_bucket(Bucket=name)
