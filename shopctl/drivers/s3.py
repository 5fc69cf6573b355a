"""Object storage by the S3 protocol, with the key of whoever the work is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl.errors import ShopctlError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from pydantic import SecretStr

CONNECT_SECONDS = 5
READ_SECONDS = 20


@dataclass(frozen=True)
class Server:
    """Where the object store is. With an `address`, that is asked instead of what DNS says, buckets in the path."""

    endpoint: str
    region: str
    address: str | None = None
    ca: Path | None = None


@dataclass(frozen=True)
class Key:
    """Who asks."""

    access: str
    secret: SecretStr


@contextmanager
def opened(server: Server, key: Key, *, bucket: str) -> Iterator[S3Client]:
    """A client for work in `bucket`; what the store refuses is a ShopctlError that names bucket, store and reason."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    url = f"https://{server.address}" if server.address else server.endpoint
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=server.region,
        aws_access_key_id=key.access,
        aws_secret_access_key=key.secret.get_secret_value(),
        verify=str(server.ca) if server.ca else None,
        config=Config(
            s3={"addressing_style": "path" if server.address else "virtual"},
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"max_attempts": 2},
            # COS knows nothing of the newer checksums in trailers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    try:
        yield client
    except ClientError as error:
        said = error.response.get("Error", {})
        raise _refused(bucket, url, f"{said.get('Code')}: {said.get('Message')}") from error
    except BotoCoreError as error:
        raise _refused(bucket, url, str(error).splitlines()[0]) from error
    finally:
        client.close()


def _refused(bucket: str, url: str, why: str) -> ShopctlError:
    return ShopctlError(
        f"bucket {bucket}: {why}",
        where=url,
        next_step="shopctl refresh --dry-run shows whether the bucket, its policy and its keys are as they should be",
    )


def locked_days(client: S3Client, bucket: str) -> int:
    """For how many days a bucket keeps what is written to it; 0 when it doesn't."""
    from botocore.exceptions import ClientError

    try:
        answer = client.get_object_lock_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ObjectLockConfigurationNotFoundError":
            return 0
        raise
    rule = answer.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
    return int(rule.get("Days", 0))


def lock_for(client: S3Client, bucket: str, days: int) -> None:
    """Have a bucket with versions keep what is written to it from now on for `days`, against everybody."""
    client.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            # The one mode that COS has (https://cloud.tencent.com/document/product/436/55290).
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": days}},
        },
    )
