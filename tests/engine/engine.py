"""The real engine with the provider that makes nothing: whole stacks in seconds, without root."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pulumi.automation import LocalWorkspace, Stack
from pulumi.automation._stack import StackInitMode

from infra.program import program as shop
from infra.stackfile import SECRET_NAMES
from region.provider import serve
from region.settings import RegionSettings
from shopctl import paths
from shopctl.drivers.engine_command import EngineCommand, LeanStack
from tests.engine.configurations import Settings
from tests.unit.infra.recorder import ISSUED
from tools.build import ensure

STACK = "local"


@functools.cache
def certificate() -> tuple[str, str]:
    """A certificate of the tests and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, plain, serialization.NoEncryption()).decode()
    return made.public_bytes(pem).decode(), private


def complete(settings: Settings) -> Settings:
    """Settings of a stack file with what `shopctl up` makes up: passwords, keys, a certificate, a WeChat account."""
    cert, key = certificate()
    wechat = {**settings["shop:wechat"], **ISSUED}
    secrets = {f"shop:{name}": f"Letters-and-{number}" for number, name in enumerate(SECRET_NAMES)}
    own = {"shop:tlsCertificate": cert, "shop:tlsKey": key, "shop:operatorPublicKey": "ssh-ed25519 AAAA test"}
    return {**settings, **secrets, **own, "shop:wechat": wechat}


class _Loops(asyncio.DefaultEventLoopPolicy):
    """Remembers the event loops that are made: Pulumi leaves those of its threads open."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        self.made.append(super().new_event_loop())
        return self.made[-1]


@contextlib.contextmanager
def closed_loops() -> Iterator[None]:
    """Close what the engine's threads leave open inside."""
    loops = _Loops()
    asyncio.set_event_loop_policy(loops)
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(None)
        for loop in loops.made:
            # The last one ends a moment after the engine has what it wants.
            for _ in range(6000):
                if not loop.is_running():
                    loop.close()
                    break
                time.sleep(0.01)


class Lab:
    """One stack in a folder of its own."""

    def __init__(self, folder: Path, port: int, project: str = "shop") -> None:
        self.folder, self.project = folder, project
        self.variables = {
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "tests",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DEBUG_PROVIDERS": f"tencentcloud:{port}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # The engine lives for a second: collecting its garbage costs more than the memory is worth.
            "GOGC": "400",
        }
        (folder / "backend").mkdir()
        (folder / "work").mkdir()
        (folder / "work" / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")

    def configure(self, settings: Settings) -> None:
        """Write the stack's settings; the engine's own lines in the file are kept."""
        file = self.folder / "work" / f"Pulumi.{STACK}.yaml"
        # By libyaml: in a hundred plans, YAML in Python took a tenth of all the work.
        kept = yaml.load(file.read_text(), yaml.CSafeLoader) if file.exists() else {}
        file.write_text(yaml.dump({**kept, "config": settings}, Dumper=yaml.CSafeDumper))

    def stack(self, program: Callable[[], None] = shop) -> Stack:
        """The stack, to preview, bring up, refresh or destroy."""
        workspace = LocalWorkspace(
            work_dir=str(self.folder / "work"),
            pulumi_home=str(paths.cache_root() / "pulumi-home"),
            program=program,
            env_vars=self.variables,
            pulumi_command=EngineCommand(ensure("pulumi"), self.folder / "engine.log"),
        )
        return LeanStack(STACK, workspace, StackInitMode.CREATE_OR_SELECT)

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources on record, by name; what is inside is as the engine keeps it."""
        file = self.folder / "backend" / ".pulumi" / "stacks" / self.project / f"{STACK}.json"
        resources = json.loads(file.read_text())["checkpoint"]["latest"].get("resources", [])
        return {resource["urn"].rsplit("::", 1)[-1]: resource for resource in resources}


def region_of(settings: Settings) -> RegionSettings:
    """The region that the settings of a stack file describe."""
    local = settings["shop:local_region"]
    names = ("name", "cidr", "public_cidr", "operator_address")
    own = {name: str(local[name]) for name in names}
    return RegionSettings(**own, cloud_region=settings["tencentcloud:region"])


@contextlib.contextmanager
def lab(settings: Settings, region: RegionSettings | None = None) -> Iterator[Lab]:
    """An empty stack with those settings, and a provider that makes nothing, of the region that they describe."""
    with (
        tempfile.TemporaryDirectory(prefix="shop-") as folder,
        serve(region or region_of(settings), fast=True) as port,
        closed_loops(),
    ):
        made = Lab(Path(folder), port)
        made.configure(complete(settings))
        yield made
