"""COS's words for who may do what, in S3's words. Pure.

COS names a principal `qcs::cam::uin/OWNER:uin/USER`, an action `name/cos:GetObject` and a resource
`qcs::cos:REGION:uid/APPID:BUCKET/PATH` (https://cloud.tencent.com/document/product/436/18023).
"""

import fnmatch
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from region.errors import RegionError

S3 = "2012-10-17"
Statement = dict[str, Any]
Keys = Mapping[str, Sequence[str]]
"""The access keys of each user, by the user's UIN."""

BUCKET_ACTIONS = {
    "GetBucket": ("ListBucket",),
    "HeadBucket": ("ListBucket",),
    "GetBucketVersioning": ("GetBucketVersioning",),
    "PutBucketVersioning": ("PutBucketVersioning",),
    "GetBucketObjectVersions": ("ListBucketVersions",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "GetBucketObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
    "PutBucketObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
}
OBJECT_ACTIONS = {
    # In COS, who may read or delete an object may read or delete its versions, which S3 has actions of their own for.
    "GetObject": ("GetObject", "GetObjectVersion"),
    "HeadObject": ("GetObject", "GetObjectVersion"),
    "PutObject": ("PutObject",),
    "PostObject": ("PutObject",),
    "InitiateMultipartUpload": ("PutObject",),
    "UploadPart": ("PutObject",),
    "CompleteMultipartUpload": ("PutObject",),
    "ListParts": ("ListMultipartUploadParts",),
    "AbortMultipartUpload": ("AbortMultipartUpload",),
    "DeleteObject": ("DeleteObject", "DeleteObjectVersion"),
    "DeleteMultipleObjects": ("DeleteObject", "DeleteObjectVersion"),
    "PutObjectRetention": ("PutObjectRetention",),
    "GetObjectRetention": ("GetObjectRetention",),
}


def parsed(document: str) -> list[Statement]:
    """The statements of a policy of COS or CAM, with lower-case names. Raises `RegionError` where it is none."""
    try:
        source = json.loads(document)
        statements = source.get("Statement") or source.get("statement") or []
        found = [{key.lower(): value for key, value in one.items()} for one in _list(statements)]
        for one in found:
            missing = [name for name in ("effect", "action", "resource") if name not in one]
            if missing or one["effect"].lower() not in ("allow", "deny"):
                raise RegionError(
                    f"policy: a statement needs effect (allow, deny), action and resource: {one}"
                )
    except (ValueError, AttributeError, TypeError) as error:
        raise RegionError(f"policy is not a policy of COS or CAM in JSON: {error}") from error
    return found


def s3_policy(document: str, keys: Keys, *, strict: bool = True) -> dict[str, Any]:
    """A bucket policy of COS in S3's words.

    A user whom nobody knows is an error where that is `strict`; one without a key gets nothing.
    """
    if json.loads(document).get("Version") == S3:
        # What was read off a bucket whose policy a hand has changed.
        policy: dict[str, Any] = json.loads(document)
        return policy
    made: list[Statement] = []
    for statement in parsed(document):
        names = _list(statement["principal"]["qcs"])
        principals = [key for name in names for key in _principals(name, keys, strict=strict)]
        made += _statements(statement, principals)
    return {"Version": S3, "Statement": made}


def granted(document: str, keys: Sequence[str], buckets: Iterable[str]) -> dict[str, list[Statement]]:
    """What a policy of CAM gives the owner of `keys`, by bucket."""
    found: dict[str, list[Statement]] = {}
    for statement in parsed(document):
        for bucket in buckets:
            if paths := _within(bucket, _list(statement["resource"])):
                named = {**statement, "resource": [f"qcs::cos:::{path}" for path in paths]}
                if made := _statements(named, list(keys)):
                    found.setdefault(bucket, []).extend(made)
    return found


def _within(bucket: str, resources: Iterable[str]) -> list[str]:
    """The paths in a bucket that resources of CAM speak of, `*` among them."""
    found: list[str] = []
    for resource in resources:
        if resource == "*":
            found.append(f"{bucket}/*")
            continue
        parts = resource.split(":", 5)
        if len(parts) < 6 or parts[2] not in ("cos", "*"):
            continue
        name, _, path = parts[5].partition("/")
        if fnmatch.fnmatchcase(bucket, name):
            found.append(f"{bucket}/{path or '*'}")
    return found


def _statements(statement: Statement, principals: Sequence[str]) -> list[Statement]:
    """COS lets one statement speak of a bucket and its objects; S3 wants a statement for each."""
    if not principals:
        return []
    actions = [action.rpartition(":")[2] for action in _list(statement["action"])]
    resources = [resource.split(":", 5)[5] for resource in _list(statement["resource"])]
    buckets = sorted({resource.split("/")[0] for resource in resources})
    made: list[Statement] = []
    for table, targets in ((BUCKET_ACTIONS, buckets), (OBJECT_ACTIONS, resources)):
        wanted = {
            f"s3:{s3}"
            for cos, names in table.items()
            if any(fnmatch.fnmatchcase(cos, action) for action in actions)
            for s3 in names
        }
        paths = [target for target in targets if table is BUCKET_ACTIONS or "/" in target]
        if wanted and paths:
            made.append(
                {
                    "Effect": statement["effect"].capitalize(),
                    "Principal": "*" if "*" in principals else {"AWS": list(principals)},
                    "Action": sorted(wanted),
                    "Resource": [f"arn:aws:s3:::{path}" for path in paths],
                }
            )
    return made


def _principals(name: str, keys: Keys, *, strict: bool) -> Sequence[str]:
    who = name.rpartition("::")[2]
    if who in ("anyone:anyone", "*"):
        return ["*"]
    uin = who.rpartition("/")[2]
    if uin not in keys and strict:
        raise RegionError(f"bucket policy names user {uin}, who is no user of this region")
    return keys.get(uin, ())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
