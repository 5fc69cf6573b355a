"""COS bucket policies in S3's words."""

import json

import pytest

from region.errors import RegionError
from region.storage import s3_policy

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
        document(USER, "name/cos:GetBucket", "name/cos:GetObject", "name/cos:PutObject"), {"200": "AKID1"}
    )
    assert policy["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["AKID1"]},
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::shop-media-1250000000"],
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["AKID1"]},
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::shop-media-1250000000/*"],
        },
    ]


def test_anyone_may_read_and_nothing_else() -> None:
    policy = s3_policy(document("qcs::cam::anyone:anyone", "name/cos:GetObject"), {})
    assert [(part["Principal"], part["Action"]) for part in policy["Statement"]] == [("*", ["s3:GetObject"])]


def test_a_user_of_nobody_is_refused_by_name() -> None:
    with pytest.raises(RegionError, match="user 200"):
        s3_policy(document(USER, "name/cos:GetObject"), {})
