"""The region's object store: one host with an S3 server (versitygw), as COS is one service to all of a region.

It starts with the first bucket or user and ends with the last one. The administrator's key is kept in its folder.
"""

import secrets
import socket
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from region import authority
from region.errors import RegionError
from region.hosts import Host, folder
from region.network import INTERNET
from region.region import Region
from region.settings import STORAGE_SLOT, public_address
from tools.build import ensure

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

HOST = "cos-storage"
BUCKET = "tencentcloud:Cos/bucket:Bucket"
USER = "tencentcloud:Cam/user:User"
KEY = "tencentcloud:Cam/accessKey:AccessKey"

UNIT = """\
[Unit]
Description=Object storage (S3)
After=network.target

[Service]
EnvironmentFile=/etc/cos/environment
ExecStart=/usr/local/bin/versitygw posix --versioning-dir /var/lib/cos/versions /var/lib/cos/objects
Restart=on-failure
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def open_storage(region: Region) -> None:
    """Boot the object store unless it runs."""
    with region.locked("storage"):
        if (folder(region.name, HOST) / "ready").exists():
            control = region.host(HOST)
            control.boot()
            if not serving(region):
                control.run(["systemctl", "reset-failed", "cos"])
                control.run(["systemctl", "restart", "cos"])
                control.wait_for(_health(region), "S3 server")
            return
        address = public_address(region.settings, STORAGE_SLOT)
        binds = {"/var/lib/cos": "cos"}
        control = region.prepare(
            Host(HOST, "cos", "storage", "managed", INTERNET, (address,), "127.0.0.1", binds)
        )
        name = region.settings.storage_name
        certificate, key = authority.issue(region.name, [name, f"*.{name}"], [address])
        access, secret = secrets.token_hex(10), secrets.token_hex(20)
        environment = {
            "ROOT_ACCESS_KEY": access,
            "ROOT_SECRET_KEY": secret,
            "VGW_PORT": ":443",
            "VGW_CERT": "/etc/cos/server.pem",
            "VGW_KEY": "/etc/cos/server.key",
            "VGW_REGION": region.settings.cloud_region,
            "VGW_IAM_DIR": "/var/lib/cos/users",
            # A user that was dropped is refused at once.
            "VGW_IAM_CACHE_DISABLE": "true",
            "VGW_HEALTH": "/healthz",
            "VGW_QUIET": "true",
        }
        control.write("/usr/local/bin/versitygw", ensure("versitygw").read_bytes(), 0o755)
        control.write("/etc/cos/server.pem", certificate + "\n")
        control.write("/etc/cos/server.key", key + "\n", 0o600)
        control.write("/etc/cos/environment", "".join(f"{k}={v}\n" for k, v in environment.items()), 0o600)
        control.write("/etc/systemd/system/cos.service", UNIT)
        for part in ("users", "objects", "versions"):
            (control.home / "data/cos" / part).mkdir(exist_ok=True)
        control.enable("cos.service")
        control.boot()
        control.wait_for(_health(region), "S3 server")
        (control.home / "ready").touch()


def _health(region: Region) -> list[str]:
    ca = "/etc/ssl/certs/ca-certificates.crt"
    return ["curl", "--silent", "--fail", "--cacert", ca, f"{endpoint(region)}/healthz"]


def exists(region: Region) -> bool:
    """Whether there is an object store, running or not."""
    return region.has_host(HOST)


def serving(region: Region) -> bool:
    """Whether the object store takes connections just now."""
    if not region.is_running(HOST):
        return False
    try:
        socket.create_connection((public_address(region.settings, STORAGE_SLOT), 443), 2).close()
    except OSError:
        return False
    return True


def close_storage(region: Region) -> None:
    """Remove the object store once nothing of it is on record."""
    with region.locked("storage"):
        if not any(region.records.all(kind) for kind in (BUCKET, USER)):
            region.remove_host(HOST)


def _administrator(region: Region) -> tuple[str, str]:
    text = (region.host(HOST).root / "etc/cos/environment").read_text()
    values = dict(line.split("=", 1) for line in text.splitlines())
    return values["ROOT_ACCESS_KEY"], values["ROOT_SECRET_KEY"]


def endpoint(region: Region) -> str:
    """Where the machine reaches the store: by address, for the machine doesn't ask the region's resolver."""
    return f"https://{public_address(region.settings, STORAGE_SLOT)}"


def client(region: Region) -> "S3Client":
    """An S3 client with the administrator's key."""
    import boto3
    from botocore.config import Config

    access, secret = _administrator(region)
    with region.locked("storage-client"):
        # Making one takes longer than most questions to it; clients may be used by several threads.
        if access not in _clients:
            _clients[access] = boto3.client(
                "s3",
                endpoint_url=endpoint(region),
                aws_access_key_id=access,
                aws_secret_access_key=secret,
                region_name=region.settings.cloud_region,
                verify=str(region.settings.root / "authority/ca.pem"),
                config=Config(
                    s3={"addressing_style": "path"},
                    connect_timeout=5,
                    read_timeout=30,
                    retries={"max_attempts": 3},
                    proxies={},
                ),
            )
        return _clients[access]


_clients: "dict[str, S3Client]" = {}
"""By the administrator's key, which is another one in each region and each time it is made."""


def code(error: "ClientError") -> str:
    """What kind of refusal the store answered with."""
    return error.response.get("Error", {}).get("Code", "")


def buckets(region: Region) -> set[str]:
    """The buckets that are really there."""
    return {bucket.get("Name", "") for bucket in client(region).list_buckets().get("Buckets", [])}


def accounts(region: Region) -> dict[str, str]:
    """The keys that are really there: access key id and secret."""
    tree = ET.fromstring(manage(region, "/list-users"))
    return {
        one.findtext("Access", ""): one.findtext("Secret", "")
        for one in tree.iter()
        if one.find("Access") is not None
    }


def put_account(region: Region, access: str, secret: str) -> None:
    """Let a key in, which replaces one of the same id."""
    drop_account(region, access)
    account = f"<Access>{access}</Access><Secret>{secret}</Secret><Role>user</Role>"
    manage(region, "/create-user", f"<Account>{account}</Account>")


def drop_account(region: Region, access: str) -> None:
    """Refuse a key from now on; nothing happens when there is none."""
    if access in accounts(region):
        manage(region, f"/delete-user?access={access}")


def manage(region: Region, path: str, body: str = "") -> str:
    """Call the store's administration: `/create-user` and the like. Raises `RegionError` with its answer."""
    import ssl

    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    signed = AWSRequest("PATCH", endpoint(region) + path, data=body.encode())
    S3SigV4Auth(Credentials(*_administrator(region)), "s3", region.settings.cloud_region).add_auth(signed)
    prepared = signed.prepare()
    headers = {name: str(value) for name, value in prepared.headers.items()}
    request = urllib.request.Request(prepared.url, data=body.encode(), headers=headers, method="PATCH")
    trust = ssl.create_default_context(cafile=str(region.settings.root / "authority/ca.pem"))
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    )
    try:
        with opener.open(request, timeout=20) as answer:
            text: str = answer.read().decode()
            return text
    except urllib.error.HTTPError as error:
        raise RegionError(
            f"object store refused {path.partition('?')[0]}: {error.read().decode(errors='replace')}"
        ) from error
