"""A bucket by the S3 protocol: what keeps an environment's state where every operator reaches it.

The keys come from the environment (TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY, and TENCENTCLOUD_SECURITY_TOKEN for
short-lived ones); they are on no command line and in no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from infra.settings import StateSettings

CONNECT_SECONDS = 5
READ_SECONDS = 20


class UnreadableError(ShopctlError):
    """The bucket cannot be read: no keys, keys that are refused, or no way to it."""


@dataclass(frozen=True)
class Item:
    """An object's key, and when the store says that it was written."""

    key: str
    written: datetime


class Bucket:
    """Small objects, whole."""

    def __init__(self, settings: StateSettings) -> None:
        self._settings = settings
        self._client: S3Client | None = None

    def get(self, key: str) -> bytes | None:
        """An object's content, or None when it is not there."""
        with self._translated() as client:
            try:
                return client.get_object(Bucket=self._settings.bucket, Key=key)["Body"].read()
            except client.exceptions.NoSuchKey:
                return None

    def put(self, key: str, content: bytes) -> None:
        """Writes an object."""
        with self._translated() as client:
            client.put_object(Bucket=self._settings.bucket, Key=key, Body=content)

    def delete(self, key: str) -> None:
        """Removes an object; nothing happens when it is gone already."""
        with self._translated() as client:
            client.delete_object(Bucket=self._settings.bucket, Key=key)

    def list(self, prefix: str) -> tuple[list[Item], datetime]:
        """The objects below a prefix, and the store's own time: that of their writing can be compared with it."""
        from email.utils import parsedate_to_datetime

        with self._translated() as client:
            found: list[Item] = []
            token: dict[str, str] = {}
            while True:
                answer = client.list_objects_v2(Bucket=self._settings.bucket, Prefix=prefix, **token)  # type: ignore[arg-type]
                found += [Item(item["Key"], item["LastModified"]) for item in answer.get("Contents", ())]
                if not answer.get("IsTruncated"):
                    break
                token = {"ContinuationToken": answer["NextContinuationToken"]}
            headers = answer["ResponseMetadata"]["HTTPHeaders"]
            return found, parsedate_to_datetime(headers["date"])

    @contextmanager
    def _translated(self) -> Iterator[S3Client]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield self._open()
        except ClientError as error:
            said = error.response.get("Error", {})
            raise self._unreadable(f"{said.get('Code')}: {said.get('Message')}") from error
        except BotoCoreError as error:
            raise self._unreadable(str(error).splitlines()[0]) from error

    def _unreadable(self, why: str) -> UnreadableError:
        return UnreadableError(
            f"the state's bucket {self._settings.bucket} cannot be read: {why}",
            where=self._settings.url,
            next_step="check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, shop:state in the stack file, "
            "and the way to the store",
        )

    def _open(self) -> S3Client:
        if self._client is None:
            import boto3
            from botocore.config import Config

            keys = credentials()
            if not keys:
                raise self._unreadable("TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set")
            self._client = boto3.client(
                "s3",
                endpoint_url=self._settings.url,
                region_name=self._settings.region,
                aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                aws_session_token=keys.get("AWS_SESSION_TOKEN"),
                verify=os.environ.get("AWS_CA_BUNDLE") or None,
                config=Config(
                    s3={"addressing_style": "path" if self._settings.path_style else "virtual"},
                    connect_timeout=CONNECT_SECONDS,
                    read_timeout=READ_SECONDS,
                    retries={"max_attempts": 1},
                    # COS knows nothing of the newer checksums in trailers.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )
        return self._client


def credentials() -> dict[str, str]:
    """The account's keys under the names that S3 clients know; empty when there are none."""
    names = {
        "TENCENTCLOUD_SECRET_ID": "AWS_ACCESS_KEY_ID",
        "TENCENTCLOUD_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
        "TENCENTCLOUD_SECURITY_TOKEN": "AWS_SESSION_TOKEN",
    }
    found = {s3: os.environ[own] for own, s3 in names.items() if os.environ.get(own)}
    return found if {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(found) else {}


def engine_url(settings: StateSettings) -> str:
    """The bucket as the engine's backend."""
    options = {"region": settings.region, "endpoint": settings.url}
    if settings.path_style:
        options["s3ForcePathStyle"] = "true"
    return f"s3://{settings.bucket}?{urlencode(options)}"


def engine_variables() -> dict[str, str]:
    """What the engine's S3 client is told by its environment."""
    return {
        **credentials(),
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        # The account's own keys, and no others that this machine may have.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PROFILE": "",
    }
