"""Who may do what in the buckets: bucket policies and users' policies on record, laid as S3 bucket policies."""

import json
from typing import TYPE_CHECKING, Any

from region import cos_policy, storage
from region.cos_policy import Statement
from region.region import Region

if TYPE_CHECKING:
    from region.records import Record

POLICY = "tencentcloud:Cos/bucketPolicy:BucketPolicy"
CAM_POLICY = "tencentcloud:Cam/policy:Policy"
USER_POLICY = "tencentcloud:Cam/userPolicyAttachment:UserPolicyAttachment"


def keys(region: Region) -> dict[str, list[str]]:
    """The access keys of each user on record, by UIN; of those that are switched off, none."""
    found = {
        str(user.outputs["uin"]): [str(user.outputs["secretId"])] if user.outputs.get("secretId") else []
        for user in region.records.all(storage.USER)
    }
    for key in region.records.all(storage.KEY):
        uin = str(key.inputs.get("targetUin"))
        if uin in found and key.outputs.get("status") != "Inactive":
            found[uin].append(str(key.outputs["accessKey"]))
    return found


def given(
    region: Region, attachment: dict[str, Any], known: dict[str, list[str]]
) -> dict[str, list[Statement]]:
    """What one policy of CAM gives the user that it is attached to, by bucket. `known` are the users' keys."""
    policy = region.records.get(CAM_POLICY, str(attachment["policyId"]))
    user = region.records.get(storage.USER, str(attachment.get("userName") or attachment.get("userId")))
    if policy is None or user is None:
        return {}
    buckets = [bucket.id for bucket in region.records.all(storage.BUCKET)]
    return cos_policy.granted(policy.inputs["document"], known.get(str(user.outputs["uin"]), []), buckets)


def from_users(region: Region, bucket: str, known: dict[str, list[str]]) -> list[Statement]:
    """What users' policies give in a bucket."""
    attached: list[Record] = region.records.all(USER_POLICY)
    return [one for record in attached for one in given(region, record.inputs, known).get(bucket, [])]


def own(document: str, known: dict[str, list[str]]) -> list[Statement]:
    """A bucket's own policy; users who have gone since are left out."""
    found: list[Statement] = cos_policy.s3_policy(document, known, strict=False)["Statement"]
    return found


def real(region: Region, bucket: str) -> list[Statement] | None:
    """The statements that the store goes by, or None when the bucket has no policy or is gone."""
    s3 = storage.client(region)
    try:
        text = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except s3.exceptions.ClientError as error:
        if storage.code(error) in ("NoSuchBucketPolicy", "NoSuchBucket"):
            return None
        raise
    found: list[Statement] = json.loads(text)["Statement"]
    return found


def lay(region: Region, *cleared: str) -> None:
    """Bring the policies of all buckets in line with the records; `cleared` are buckets that may have none left."""
    if not storage.exists(region):
        return
    storage.open_storage(region)
    with region.locked("access"):
        there = set(storage.accounts(region))
        # A key that somebody deleted can't be named to the store; it comes back with its own repair.
        known = {uin: [key for key in found if key in there] for uin, found in keys(region).items()}
        for bucket in region.records.all(storage.BUCKET):
            policy = region.records.get(POLICY, bucket.id)
            wanted = own(policy.inputs["policy"], known) if policy else []
            wanted += from_users(region, bucket.id, known)
            if wanted or policy or bucket.id in cleared:
                _put(region, bucket.id, wanted)


def _put(region: Region, bucket: str, wanted: list[Statement]) -> None:
    now = real(region, bucket)
    s3 = storage.client(region)
    if bucket not in storage.buckets(region) or now == wanted or (now is None and not wanted):
        return
    if wanted:
        s3.put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": cos_policy.S3, "Statement": wanted})
        )
    else:
        s3.delete_bucket_policy(Bucket=bucket)
