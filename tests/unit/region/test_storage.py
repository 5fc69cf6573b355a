"""COS bucket policies in S3's words."""

import json

import pytest

from region.cos_policy import granted, s3_policy
from region.errors import RegionError

USER = "qcs::cam::uin/100:uin/200"
OBJECTS = "qcs::cos:ap-guangzhou:uid/1250000000:shop-media-1250000000/*"


def document(principal: str, *actions: str) -> str:
    statement = {
        "Principal": {"qcs": [principal]},
        "Effect": "allow",
        "Action": list(actions),
        "Resource": [OBJECTS],
    }
    return json.dumps({"version": "2.0", "Statement": [statement]})


def test_actions_on_the_bucket_and_on_its_objects_are_told_apart() -> None:
    policy = s3_policy(
        document(USER, "name/cos:GetBucket", "name/cos:GetObject", "name/cos:PutObject"),
        {"200": ["AKID1", "AKID2"]},
    )
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["AKID1", "AKID2"]},
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::shop-media-1250000000"],
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["AKID1", "AKID2"]},
            "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::shop-media-1250000000/*"],
        },
    ]


def test_anyone_may_read_and_nothing_else() -> None:
    policy = s3_policy(document("qcs::cam::anyone:anyone", "name/cos:GetObject"), {})
    assert [(part["Principal"], part["Action"]) for part in policy["Statement"]] == [
        ("*", ["s3:GetObject", "s3:GetObjectVersion"])
    ]


def test_a_user_of_nobody_is_refused_by_name() -> None:
    with pytest.raises(RegionError, match="user 200"):
        s3_policy(document(USER, "name/cos:GetObject"), {})


def test_a_user_without_a_key_gets_nothing() -> None:
    assert s3_policy(document(USER, "name/cos:GetObject"), {"200": []})["Statement"] == []


def cam(action: str, resource: str, effect: str = "allow") -> str:
    statement = {"effect": effect, "action": [action], "resource": [resource]}
    return json.dumps({"version": "2.0", "statement": [statement]})


BUCKETS = ["shop-media-1250000000", "shop-backups-1250000000"]


def test_a_users_policy_reaches_the_buckets_that_it_names() -> None:
    found = granted(cam("cos:PutObject", OBJECTS), ["AKID1"], BUCKETS)
    assert found == {
        "shop-media-1250000000": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ["AKID1"]},
                "Action": ["s3:PutObject"],
                "Resource": ["arn:aws:s3:::shop-media-1250000000/*"],
            }
        ]
    }
    assert set(granted(cam("cos:Get*", "*"), ["AKID1"], BUCKETS)) == set(BUCKETS)
    assert granted(cam("cos:PutObject", "qcs::cvm:::instance/*"), ["AKID1"], BUCKETS) == {}
    assert granted(cam("cos:PutObject", OBJECTS), [], BUCKETS) == {}
    denied = granted(cam("cos:DeleteObject", OBJECTS, "deny"), ["AKID1"], BUCKETS)
    assert [one["Effect"] for one in denied["shop-media-1250000000"]] == ["Deny"]


@pytest.mark.parametrize("text", ["no json", "[1]", '{"Statement": [{"Effect": "allow"}]}'])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(RegionError, match="policy"):
        granted(text, ["AKID1"], BUCKETS)
