"""Object storage: the buckets, a user with a key for each who works with them, and who may do what."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import StorageSettings

BucketRole = Literal["media", "static", "backups"]
UserRole = Literal["app", "publisher", "backup", "restore", "keeper"]
BUCKETS: tuple[BucketRole, ...] = ("media", "static", "backups")
USERS: dict[UserRole, str] = {
    "app": "The shop reads and writes its media",
    "publisher": "A deploy publishes static files",
    "backup": "A backup job writes backups, which it can neither read nor delete",
    "restore": "A restore reads backups",
    "keeper": "Sets for how long backups are locked",
}
_PUBLIC: frozenset[BucketRole] = frozenset({"media", "static"})
# What a shop overwrites, and must be able to get back.
_VERSIONED: frozenset[BucketRole] = frozenset({"media", "backups"})
_LIST = ("HeadBucket", "GetBucket")
_READ = ("HeadObject", "GetObject")
_WRITE = (
    "PutObject",
    "InitiateMultipartUpload",
    "UploadPart",
    "ListParts",
    "CompleteMultipartUpload",
    "AbortMultipartUpload",
)
# In COS, who may delete an object may delete its versions: nobody gets that here.
GRANTS: dict[BucketRole, dict[UserRole, tuple[str, ...]]] = {
    "media": {"app": (*_LIST, *_READ, *_WRITE)},
    "static": {"publisher": (*_LIST, *_READ, *_WRITE)},
    "backups": {
        # An object's own lock is set as it is written.
        "backup": (*_LIST, *_WRITE, "PutObjectRetention"),
        "restore": (*_LIST, *_READ, "GetBucketObjectVersions", "GetObjectRetention"),
        "keeper": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    },
}


@dataclass(frozen=True)
class StorageArgs:
    """The account that owns the buckets."""

    common: Common
    settings: StorageSettings


@dataclass(frozen=True)
class Key:
    """An API key of one user."""

    access: pulumi.Output[str]
    secret: pulumi.Output[str]


class Storage(Component):
    """Buckets are private; a policy lets anyone read (not list) the objects of media and static.

    Each user of the buckets has a key of its own, which opens what that user needs and nothing else.
    """

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        users = {role: self._user(role) for role in USERS}
        self.keys = {role: self._key(role, user) for role, user in users.items()}
        self.buckets = {role: self._bucket(role, users) for role in BUCKETS}
        self.endpoint = f"https://cos.{args.common.region}.myqcloud.com"
        self.register_outputs({"buckets": self.buckets, "endpoint": self.endpoint})

    def _user(self, role: UserRole) -> tencentcloud.cam.User:
        common = self._args.common
        return tencentcloud.cam.User(
            self.child_name(role),
            name=common.named(role),
            remark=USERS[role],
            # Its key is a resource of its own, so that it can be replaced without the user.
            use_api=False,
            console_login=False,
            # Without this the cloud refuses to delete a user that has keys.
            force_delete=True,
            tags=common.tags,
            opts=pulumi.ResourceOptions.merge(
                self.child(delete_first=True),
                pulumi.ResourceOptions(additional_secret_outputs=["secretKey", "password"]),
            ),
        )

    def _key(self, role: UserRole, user: tencentcloud.cam.User) -> Key:
        # Another one is made before the old one goes: a user may have two.
        made = tencentcloud.cam.AccessKey(
            self.child_name(f"{role}-key"),
            target_uin=user.uin,
            opts=pulumi.ResourceOptions.merge(
                self.child(),
                pulumi.ResourceOptions(
                    additional_secret_outputs=["secretAccessKey", "encryptedSecretAccessKey"]
                ),
            ),
        )
        return Key(made.access_key, pulumi.Output.secret(made.secret_access_key))

    def _bucket(self, role: BucketRole, users: dict[UserRole, tencentcloud.cam.User]) -> pulumi.Output[str]:
        args = self._args
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
        uins = pulumi.Output.all(**{user: users[user].uin for user in GRANTS[role]})
        policy = pulumi.Output.all(bucket=bucket.bucket, users=uins).apply(
            lambda known: json.dumps(
                bucket_policy(
                    role,
                    known["bucket"],
                    region=args.common.region,
                    account=args.settings,
                    users=known["users"],
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
    role: BucketRole, bucket: str, *, region: str, account: StorageSettings, users: Mapping[str, int]
) -> dict[str, Any]:
    """Who may do what in a bucket. `users` are the UINs of those that `GRANTS` names."""
    objects = [f"qcs::cos:{region}:uid/{account.app_id}:{bucket}/*"]
    statements = [
        {
            "Principal": {"qcs": [f"qcs::cam::uin/{account.uin}:uin/{users[user]}"]},
            "Effect": "allow",
            "Action": [f"name/cos:{action}" for action in actions],
            "Resource": objects,
        }
        for user, actions in GRANTS[role].items()
    ]
    if role in _PUBLIC:
        statements.append(
            {
                "Principal": {"qcs": ["qcs::cam::anyone:anyone"]},
                "Effect": "allow",
                "Action": ["name/cos:GetObject", "name/cos:HeadObject"],
                "Resource": objects,
            }
        )
    return {"version": "2.0", "Statement": statements}
