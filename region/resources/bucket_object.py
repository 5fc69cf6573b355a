"""An object of a bucket, put there by the program."""

from pathlib import Path
from typing import Any

from region import schema, storage
from region.errors import RegionError
from region.resources.base import Properties, Resource

HEADERS = {
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentType": "ContentType",
}
LARGEST = 5 * 1024**3
"""Bytes of one upload (https://cloud.tencent.com/document/product/436/7749)."""


class BucketObject(Resource):
    """An object with its content, from a text or from a file of the operator's machine, and its headers.

    Equal: another content or header is another upload, and with versions the old one stays; an object that was removed
    or overwritten by hand is read as gone, or with the `etag` that it really has.

    Differs: `acl`, `storageClass` and `tags` are kept on record: a bucket's policy says who may read it.
    """

    type = "tencentcloud:Cos/bucketObject:BucketObject"
    prefix = "object"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['bucket']}{inputs['key']}"

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if (inputs.get("content") is None) == (inputs.get("source") is None):
            return [("content", "or source has to be given, and only one of them")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        body = _content(inputs)
        s3 = storage.client(self.region)
        headers: Any = {
            header: inputs[name] for name, header in HEADERS.items() if inputs.get(name) is not None
        }
        try:
            answer = s3.put_object(
                Bucket=inputs["bucket"], Key=inputs["key"].lstrip("/"), Body=body, **headers
            )
        except s3.exceptions.ClientError as error:
            raise RegionError(f"object {inputs['key']} of {inputs['bucket']}: {error}") from error
        return {"etag": answer["ETag"].strip('"')}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not storage.serving(self.region):
            return outputs if storage.exists(self.region) else None
        s3 = storage.client(self.region)
        try:
            found: Any = s3.head_object(Bucket=outputs["bucket"], Key=outputs["key"].lstrip("/"))
        except s3.exceptions.ClientError as error:
            if storage.code(error) in ("404", "NoSuchKey", "NoSuchBucket"):
                return None
            raise
        shown = {**outputs, "etag": found["ETag"].strip('"')}
        for name, header in HEADERS.items():
            if outputs.get(name) is not None and found.get(header) != outputs[name]:
                shown[name] = found.get(header, "")
        if shown["etag"] != outputs.get("etag") and outputs.get("content") is not None:
            # Another content, which is not fetched to be shown.
            shown["content"] = ""
        return shown

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        if not storage.exists(self.region):
            return
        storage.open_storage(self.region)
        if outputs["bucket"] in storage.buckets(self.region):
            storage.client(self.region).delete_object(
                Bucket=outputs["bucket"], Key=outputs["key"].lstrip("/")
            )


def _content(inputs: Properties) -> bytes:
    if inputs.get("content") is not None:
        return str(inputs["content"]).encode()
    source = Path(inputs["source"])
    if not source.is_file():
        raise RegionError(f"object {inputs['key']}: source {source} is no file of this machine")
    if source.stat().st_size > LARGEST:
        raise RegionError(f"object {inputs['key']}: {source} is larger than 5 GB, which one upload takes")
    return source.read_bytes()


RESOURCES = (BucketObject,)
