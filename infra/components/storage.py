"""Object storage: the buckets, the shop's own user, and who may do what in them."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import StorageSettings

BucketRole = Literal["media", "static", "backups"]
BUCKETS: tuple[BucketRole, ...] = ("media", "static", "backups")
_PUBLIC: frozenset[BucketRole] = frozenset({"media", "static"})
# What a shop overwrites and deletes, and must be able to get back.
_VERSIONED: frozenset[BucketRole] = frozenset({"media", "backups"})
_OBJECT_ACTIONS = (
    "name/cos:HeadBucket",
    "name/cos:GetBucket",
    "name/cos:HeadObject",
    "name/cos:GetObject",
    "name/cos:PutObject",
    "name/cos:DeleteObject",
    "name/cos:DeleteMultipleObjects",
    "name/cos:GetBucketObjectVersions",
    "name/cos:InitiateMultipartUpload",
    "name/cos:UploadPart",
    "name/cos:ListParts",
    "name/cos:CompleteMultipartUpload",
    "name/cos:AbortMultipartUpload",
)


@dataclass(frozen=True)
class StorageArgs:
    """The account that owns the buckets."""

    common: Common
    settings: StorageSettings


class Storage(Component):
    """Buckets are private; a policy lets anyone read (not list) the objects of media and static."""

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        user = tencentcloud.cam.User(
            self.child_name("user"),
            name="shop-app",
            remark="The shop's access to its buckets",
            use_api=True,
            console_login=False,
            # Without this the cloud refuses to delete a user that has keys.
            force_delete=True,
            tags=args.common.tags,
            opts=pulumi.ResourceOptions.merge(
                self.child(delete_first=True),
                pulumi.ResourceOptions(additional_secret_outputs=["secretKey", "password"]),
            ),
        )
        self.access_key: pulumi.Output[str] = user.secret_id
        self.secret_key: pulumi.Output[str] = pulumi.Output.secret(user.secret_key)
        self.buckets = {role: self._bucket(role, args, user.uin) for role in BUCKETS}
        self.endpoint = f"https://cos.{args.common.region}.myqcloud.com"
        self.register_outputs({"buckets": self.buckets, "endpoint": self.endpoint})

    def _bucket(self, role: BucketRole, args: StorageArgs, user: pulumi.Output[int]) -> pulumi.Output[str]:
        bucket = tencentcloud.cos.Bucket(
            self.child_name(role),
            bucket=f"shop-{role}-{args.settings.app_id}",
            acl="private",
            versioning_enable=role in _VERSIONED,
            # A stack that can be thrown away takes its objects with it.
            force_clean=not args.common.protect,
            tags=args.common.tags,
            opts=self.keeper(args.common.protect, delete_first=True),
        )
        policy = pulumi.Output.all(bucket=bucket.bucket, user=user).apply(
            lambda known: json.dumps(
                bucket_policy(
                    role,
                    known["bucket"],
                    region=args.common.region,
                    account=args.settings,
                    user=known["user"],
                ),
                indent=2,
            )
        )
        tencentcloud.cos.BucketPolicy(
            self.child_name(f"{role}-policy"),
            bucket=bucket.bucket,
            policy=policy,
            opts=self.child(delete_first=True),
        )
        name: pulumi.Output[str] = bucket.bucket
        return name


def bucket_policy(
    role: BucketRole, bucket: str, *, region: str, account: StorageSettings, user: int
) -> dict[str, Any]:
    """Who may do what in a bucket."""
    objects = f"qcs::cos:{region}:uid/{account.app_id}:{bucket}/*"
    shop = {
        "Principal": {"qcs": [f"qcs::cam::uin/{account.uin}:uin/{user}"]},
        "Effect": "allow",
        "Action": list(_OBJECT_ACTIONS),
        "Resource": [objects],
    }
    anyone = {
        "Principal": {"qcs": ["qcs::cam::anyone:anyone"]},
        "Effect": "allow",
        "Action": ["name/cos:GetObject", "name/cos:HeadObject"],
        "Resource": [objects],
    }
    return {"version": "2.0", "Statement": [shop, anyone] if role in _PUBLIC else [shop]}
