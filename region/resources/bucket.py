"""COS buckets: buckets of the region's S3 server, with versions, policies and what else it can hold of them."""

import json
import shutil
from typing import TYPE_CHECKING, Any

from region import access, cos_policy, schema, storage
from region.cos_policy import S3
from region.errors import RegionError
from region.resources.base import Properties, Resource

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKETS = 200
"""Buckets of one account (https://cloud.tencent.com/document/product/436/14518)."""
_ACLS = {"private": frozenset[str](), "public-read": frozenset({"READ"})}
_ACLS["public-read-write"] = frozenset({"READ", "WRITE"})


class Bucket(Resource):
    """A bucket of the region's object store, an S3 server at COS's public name.

    Equal: versions, the canned ACLs, CORS rules and tags change while the bucket is used, and what a hand has changed
    of them is read as it is; a bucket with objects goes with `forceClean` only; its name is unique. Object lock can be
    turned on over the S3 protocol once there are versions, and then they can't be suspended.

    Differs: a lock's default retention counts from when it was set on the bucket, not from each object's upload, so
    that what has to be kept for sure gets its own retention as it is written. `forceClean` removes locked objects too.
    A store that was stopped shows as an `acl` of `unreachable`, and is started again.
    `lifecycleRules`, `website`, `logEnable`, `replicaRules`, `encryptionAlgorithm`, `originPullRules`,
    `originDomainRules`, `accelerationEnable`, `enableIntelligentTiering`, `aclBody` and `multiAz` are kept on record:
    the server has none of these.
    """

    type = storage.BUCKET
    prefix = "bucket"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # A bucket's name is its id: it is unique in the cloud.
        return str(inputs["bucket"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        others = [record for record in self.region.records.all(storage.BUCKET) if record.id != id_]
        if len(others) >= BUCKETS:
            raise RegionError(f"bucket {id_}: the account has {BUCKETS} buckets already, which is its quota")
        storage.open_storage(self.region)
        if id_ not in storage.buckets(self.region):
            storage.client(self.region).create_bucket(Bucket=id_)
        return self.update(id_, {}, inputs)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not storage.exists(self.region):
            return None
        if not storage.serving(self.region):
            return {**outputs, "acl": "unreachable"}
        if id_ not in storage.buckets(self.region):
            return None
        now, found = self._real(id_), dict(outputs)
        asked = {
            "versioningEnable": outputs.get("versioningEnable") or False,
            "acl": outputs.get("acl") or "private",
            "tags": outputs.get("tags") or {},
        }
        found |= {name: now[name] for name, value in asked.items() if now[name] != value}
        if now["corsRules"] != [_cors(rule) for rule in outputs.get("corsRules") or []]:
            found["corsRules"] = now["corsRules"]
        return found

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        if not storage.serving(self.region) or id_ not in storage.buckets(self.region):
            return None
        there = {name: value for name, value in self._real(id_).items() if value}
        return {"bucket": id_, **there}, self._computed(id_)

    def _real(self, id_: str) -> Properties:
        s3 = storage.client(self.region)
        tags = _asked(lambda: s3.get_bucket_tagging(Bucket=id_)["TagSet"], [], "NoSuchTagSet", s3)
        rules = _asked(lambda: s3.get_bucket_cors(Bucket=id_)["CORSRules"], [], "NoSuchCORSConfiguration", s3)
        grants = s3.get_bucket_acl(Bucket=id_).get("Grants", [])
        everybody = {
            grant.get("Permission") for grant in grants if grant.get("Grantee", {}).get("Type") == "Group"
        }
        return {
            "versioningEnable": s3.get_bucket_versioning(Bucket=id_).get("Status") == "Enabled",
            "acl": next((name for name, granted in _ACLS.items() if granted == everybody), "unlike any"),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "corsRules": [_from_s3(rule) for rule in rules],
        }

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        storage.open_storage(self.region)
        s3, now = storage.client(self.region), self._real(id_)
        try:
            if now["versioningEnable"] != bool(new.get("versioningEnable")):
                status: Any = "Enabled" if new.get("versioningEnable") else "Suspended"
                s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": status})
            acl: Any = new.get("acl") or "private"
            if now["acl"] != acl:
                # The server takes ACLs where the bucket's owner is said to prefer them.
                owner: Any = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
                s3.put_bucket_ownership_controls(Bucket=id_, OwnershipControls=owner)
                s3.put_bucket_acl(Bucket=id_, ACL=acl)
            if tags := new.get("tags"):
                pairs: Any = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
                s3.put_bucket_tagging(Bucket=id_, Tagging={"TagSet": pairs})
            elif now["tags"]:
                s3.delete_bucket_tagging(Bucket=id_)
            if rules := new.get("corsRules"):
                cors: Any = {"CORSRules": [_to_s3(rule) for rule in rules]}
                s3.put_bucket_cors(Bucket=id_, CORSConfiguration=cors)
            elif now["corsRules"]:
                s3.delete_bucket_cors(Bucket=id_)
        except s3.exceptions.ClientError as error:
            raise RegionError(f"bucket {id_}: {error}") from error
        return self._computed(id_)

    def _computed(self, id_: str) -> Properties:
        return {"cosBucketUrl": f"{id_}.{self.region.settings.storage_name}"}

    def delete(self, id_: str, outputs: Properties) -> None:
        if not storage.exists(self.region):
            return
        storage.open_storage(self.region)
        if id_ not in storage.buckets(self.region):
            return
        s3 = storage.client(self.region)
        if outputs.get("forceClean"):
            self._empty(id_)
        try:
            s3.delete_bucket(Bucket=id_)
        except s3.exceptions.ClientError as error:
            raise RegionError(
                f"bucket {id_}: {error} (a bucket with objects goes only with forceClean)"
            ) from error

    def _empty(self, id_: str) -> None:
        """Remove all objects with their versions, also those that the server would keep because they are locked."""
        folder = self.region.host(storage.HOST).home / "data/cos"
        for path in [*(folder / "versions").glob(id_), *(folder / "objects" / id_).iterdir()]:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def settled(self, outputs: Properties) -> None:
        if self.region.records.get(storage.BUCKET, outputs["bucket"]):
            # A bucket that was made anew has lost its policy.
            access.lay(self.region)
        storage.close_storage(self.region)


def _asked(ask: Any, without: Any, code: str, s3: "S3Client") -> Any:
    try:
        return ask()
    except s3.exceptions.ClientError as error:
        if storage.code(error) == code:
            return without
        raise


def _cors(rule: Properties) -> Properties:
    """A CORS rule with what COS assumes where it doesn't say."""
    lists = ("allowedHeaders", "allowedMethods", "allowedOrigins", "exposeHeaders")
    return {**{name: rule.get(name) or [] for name in lists}, "maxAgeSeconds": rule.get("maxAgeSeconds") or 0}


def _from_s3(rule: Any) -> Properties:
    return _cors({f"{name[0].lower()}{name[1:]}": value for name, value in rule.items()})


def _to_s3(rule: Properties) -> Properties:
    return {
        f"{name[0].upper()}{name[1:]}": value for name, value in _cors(rule).items() if value not in (0, [])
    }


class BucketPolicy(Resource):
    """Who may do what in a bucket: the same in the S3 server's words.

    Equal: it takes effect at once, for users by their keys and for everybody; COS's actions on buckets and objects.
    A policy that was removed by hand is read as gone, one that was changed as it is.

    Differs: conditions are not realised; a policy that a hand has changed is shown in S3's words.
    """

    type = access.POLICY
    prefix = "bucketpolicy"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs["bucket"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        text = inputs.get("policy")
        if not isinstance(text, str) or text == schema.UNKNOWN:
            return []
        try:
            bad = [one for one in cos_policy.parsed(text) if "principal" not in one]
        except RegionError as error:
            return [("policy", f"is refused: {error}")]
        return [("policy", "has a statement without a principal")] if bad else []

    def create(self, id_: str, inputs: Properties) -> Properties:
        # Whoever it names has to be there; it is laid when it is on record.
        cos_policy.s3_policy(inputs["policy"], access.keys(self.region))
        self.region.get(storage.BUCKET, id_)
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not storage.serving(self.region):
            return outputs if storage.exists(self.region) else None
        real = access.real(self.region, id_)
        if real is None:
            return None
        known = access.keys(self.region)
        wanted = access.own(outputs["policy"], known)
        others = access.from_users(self.region, id_, known)
        if all(one in real for one in wanted) and all(one in wanted or one in others for one in real):
            return outputs
        return {**outputs, "policy": _text(real)}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        real = access.real(self.region, id_) if storage.serving(self.region) else None
        return None if real is None else ({"bucket": id_, "policy": _text(real)}, {})

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Laid anew without it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        access.lay(self.region, outputs["bucket"])


def _text(statements: list[cos_policy.Statement]) -> str:
    return json.dumps({"Version": S3, "Statement": statements}, indent=2, sort_keys=True)


RESOURCES = (Bucket, BucketPolicy)
