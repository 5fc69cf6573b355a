"""Object storage over the S3 protocol. Only uploads and management commands need boto3; it is heavy and loaded then."""

import hashlib
import os
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from core.breaker import Circuit, RestingError
from core.once import Once

READ_SECONDS = 5.0
"""Somebody waits for it, and one of the few threads with them."""
circuit = Circuit()


@dataclass(frozen=True)
class Object:
    """Something to be stored, with how browsers and the CDN should treat it."""

    key: str
    content: bytes
    content_type: str
    cache_control: str


class UnavailableError(Exception):
    """The storage can't be reached, or refuses."""


@Once
def client() -> Any:
    """The S3 client."""
    server = settings.SHOP.storage
    return _client(server.access_key, server.secret_key)


@Once
def publisher() -> Any:
    """The same with the key that may write static files, where there is one: serving processes don't have it."""
    server = settings.SHOP.storage
    if not server.publisher_access_key:
        return client()
    return _client(server.publisher_access_key, server.publisher_secret_key)


def _client(access_key: str, secret_key: str) -> Any:
    import boto3
    from botocore.config import Config

    server = settings.SHOP.storage
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name=server.region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        # boto3 brings its own authorities; the host's bundle has the region's too.
        verify=os.environ.get("SSL_CERT_FILE") or None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 2, "mode": "standard"},
            # Checksum trailers are Amazon's own; other servers refuse or ignore them.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def same(bucket: str, wanted: Object, by: Any) -> bool:
    """Whether the bucket has the same content and headers."""
    from botocore.exceptions import ClientError

    try:
        head = by.head_object(Bucket=bucket, Key=wanted.key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return False
        raise
    digest = hashlib.md5(wanted.content, usedforsecurity=False).hexdigest()
    return (
        head.get("ETag", "").strip('"') == digest
        and head.get("ContentType") == wanted.content_type
        and head.get("CacheControl") == wanted.cache_control
    )


def put_if_changed(bucket: str, wanted: Object, by: Any) -> bool:
    """Upload by a client, unless the bucket has the same content and headers. True when something was uploaded."""
    if same(bucket, wanted, by):
        return False
    _upload(bucket, wanted, by)
    return True


def put(bucket: str, wanted: Object) -> None:
    """Upload under a key that is new. Raises UnavailableError."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with circuit.watching(BotoCoreError):
            _upload(bucket, wanted, client())
    except (BotoCoreError, ClientError, RestingError) as error:
        raise UnavailableError(f"{wanted.key} could not be stored: {error}") from error


def get(bucket: str, key: str) -> bytes:
    """What is stored under a key. Raises UnavailableError, also when there is nothing."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with circuit.watching(BotoCoreError):
            return bytes(client().get_object(Bucket=bucket, Key=key)["Body"].read())
    except (BotoCoreError, ClientError, RestingError) as error:
        raise UnavailableError(f"{key} could not be read: {error}") from error


def _upload(bucket: str, wanted: Object, by: Any) -> None:
    by.put_object(
        Bucket=bucket,
        Key=wanted.key,
        Body=wanted.content,
        ContentType=wanted.content_type,
        CacheControl=wanted.cache_control,
    )


def reachable(timeout: float) -> None:
    """Raise unless the storage answers for the media bucket (403 is an answer: it is there and guarded)."""
    server = settings.SHOP.storage
    request = urllib.request.Request(f"{server.endpoint}/{server.media_bucket}", method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=timeout, context=ssl.create_default_context()).close()
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            raise OSError(f"there is no bucket {server.media_bucket}") from error
        if error.code >= 500:
            raise OSError(f"storage answered {error.code}") from error
