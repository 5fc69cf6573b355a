"""COS buckets: buckets of the region's S3 server, with versioning and policies."""

import json
from typing import TYPE_CHECKING

from region import storage
from region.errors import RegionError
from region.resources.base import Properties, Resource

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Bucket(Resource):
    type = storage.BUCKET
    prefix = "bucket"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # A bucket's name is its id: it is unique in the cloud.
        return str(inputs["bucket"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        storage.open_storage(self.region)
        s3 = storage.client(self.region)
        if id_ not in _names(s3):
            s3.create_bucket(Bucket=id_)
        self._settle(s3, id_, inputs)
        return {"cosBucketUrl": f"{id_}.{self.region.settings.storage_name}"}

    def _settle(self, s3: "S3Client", id_: str, inputs: Properties) -> None:
        if inputs.get("versioningEnable"):
            s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Enabled"})

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.is_running(storage.HOST):
            return outputs
        return outputs if id_ in _names(storage.client(self.region)) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        s3 = storage.client(self.region)
        if old.get("versioningEnable") and not new.get("versioningEnable"):
            s3.put_bucket_versioning(Bucket=id_, VersioningConfiguration={"Status": "Suspended"})
        self._settle(s3, id_, new)
        return {"cosBucketUrl": old["cosBucketUrl"]}

    def delete(self, id_: str, outputs: Properties) -> None:
        if not self.region.is_running(storage.HOST):
            return
        s3 = storage.client(self.region)
        if id_ not in _names(s3):
            return
        if outputs.get("forceClean"):
            _empty(s3, id_)
        try:
            s3.delete_bucket(Bucket=id_)
        except s3.exceptions.ClientError as error:
            raise RegionError(
                f"bucket {id_}: {error} (a bucket with objects goes only with forceClean)"
            ) from error

    def settled(self, outputs: Properties) -> None:
        storage.close_storage(self.region)


def _names(s3: "S3Client") -> set[str]:
    return {bucket.get("Name", "") for bucket in s3.list_buckets().get("Buckets", [])}


def _empty(s3: "S3Client", bucket: str) -> None:
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for version in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(
                Bucket=bucket, Key=version.get("Key", ""), VersionId=version.get("VersionId", "null")
            )
    for listed in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in listed.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item.get("Key", ""))


class BucketPolicy(Resource):
    type = "tencentcloud:Cos/bucketPolicy:BucketPolicy"
    prefix = "bucketpolicy"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs["bucket"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        users = self.region.records.all(storage.USER)
        keys = {str(user.outputs["uin"]): str(user.outputs["secretId"]) for user in users}
        policy = storage.s3_policy(inputs["policy"], keys)
        storage.client(self.region).put_bucket_policy(Bucket=id_, Policy=json.dumps(policy))
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.is_running(storage.HOST):
            return outputs
        s3 = storage.client(self.region)
        try:
            s3.get_bucket_policy(Bucket=id_)
        except s3.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") in ("NoSuchBucketPolicy", "NoSuchBucket"):
                return None
            raise
        return outputs

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        if self.region.is_running(storage.HOST) and self.read(id_, outputs) is not None:
            storage.client(self.region).delete_bucket_policy(Bucket=id_)


RESOURCES = (Bucket, BucketPolicy)
