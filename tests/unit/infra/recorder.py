"""Runs the real program against an engine that only records, with outputs as the provider would make them."""

import asyncio
import json
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.mocks import MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import set_root_resource
from pulumi.runtime.stack import run_in_stack

from infra.program import program
from infra.stackfile import SECRET_NAMES

REPOSITORY = Path(__file__).resolve().parents[3]
PLAIN = {
    "tlsCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "operatorPublicKey": "ssh-ed25519 AAAA operator",
}

ISSUED = {
    "app_id": "wx0123456789abcdef",
    "mch_id": "1900000009",
    "certificate_serial": "0123456789ABCDEF0123456789ABCDEF01234567",
    "public_key_id": "PUB_KEY_ID_0123456789012345678901234567",
    "public_key": "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n",
    "bridge_url": "https://10.77.240.3",
}
"""What a local region tells of the account that its WeChat gave."""


@dataclass(frozen=True)
class Registered:
    """One resource as the engine was asked to register it."""

    type: str
    name: str
    parent: str
    inputs: Mapping[str, Any]
    secret_inputs: frozenset[str]
    secret_outputs: frozenset[str]
    protect: bool

    @property
    def noun(self) -> str:
        """tencentcloud:Mysql/instance:Instance → Mysql/instance."""
        return self.type.split(":")[1]


@dataclass
class Recording:
    """What a run of the program registered and exported."""

    resources: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)

    @property
    def custom(self) -> list[Registered]:
        """The cloud's resources, components left out."""
        return [resource for resource in self.resources if resource.type.startswith("tencentcloud:")]

    def of(self, noun: str) -> list[Registered]:
        """The resources of a type such as `Mysql/instance`."""
        return [resource for resource in self.custom if resource.noun == noun]

    def named(self, name: str) -> Registered:
        """The one with this name."""
        (found,) = (resource for resource in self.resources if resource.name == name)
        return found


class _Cloud(Mocks):
    """Answers with computed outputs of the right shape."""

    def __init__(self) -> None:
        self._addresses = 0

    def call(self, args: Any) -> Any:
        raise AssertionError(f"the program asked the cloud something: {args.token}")

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self._addresses += 1
        address = f"10.99.0.{self._addresses}"
        computed: dict[str, dict[str, Any]] = {
            "Instance/instance": {"privateIp": address},
            "Clb/instance": {"clbVips": [address]},
            "Clb/listener": {"listenerId": f"lbl-{args.name}"},
            "Clb/listenerRule": {"ruleId": f"loc-{args.name}"},
            "Mysql/instance": {"intranetIp": address},
            "Mysql/readonlyInstance": {"intranetIp": address, "roGroupId": f"cdbrg-{args.name}"},
            "Mysql/paramTemplate": {"templateId": 4711},
            "Redis/instance": {"ip": address},
            "Mongodb/instance": {"vip": address, "vport": 27017},
            "Tdmq/rabbitmqVipInstance": {"vpcs": [{"vpcEndpoint": f"{address}:5672"}]},
            "Cam/user": {"secretId": "", "secretKey": "", "uin": uin(args.name)},
            "Cam/accessKey": {"accessKey": f"AKID{args.name}", "secretAccessKey": f"made-for-{args.name}"},
            "Eip/instance": {"publicIp": address},
            "Tcr/instance": {"publicDomain": f"{args.inputs.get('name')}.tencentcloudcr.com"},
            "Tcr/token": {"userName": f"user-of-{args.name}", "token": f"made-for-{args.name}"},
            "Cdn/domain": {"cname": f"{args.inputs.get('domain')}.cdn.dnsv1.com"},
        }
        noun = args.typ.split(":")[1]
        return f"id-{args.name}", {**_plain(args.inputs), **computed.get(noun, {})}


def uin(user: str) -> int:
    """The number that the cloud gives a user."""
    return 100_000_000_000 + zlib.crc32(user.encode()) % 1_000_000


class _Monitor(MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Cloud())
        self._recording = recording

    def RegisterResource(self, request: Any) -> Any:
        if request.type != "pulumi:pulumi:Stack":
            inputs = rpc.deserialize_properties(request.object)
            self._recording.resources.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    parent=request.parent.rpartition("::")[2],
                    inputs=_plain(inputs),
                    secret_inputs=frozenset(key for key, value in inputs.items() if _has_secret(value)),
                    secret_outputs=frozenset(request.additionalSecretOutputs),
                    protect=request.protect,
                )
            )
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        if "pulumi:pulumi:Stack" in request.urn:
            outputs = rpc.deserialize_properties(request.outputs)
            self._recording.outputs = _plain(outputs)
            self._recording.secret_outputs = set(_secret_paths(outputs, ""))
        return super().RegisterResourceOutputs(request)


def record(
    environment: str, changes: Mapping[str, Any] | None = None, run: Callable[[], None] = program
) -> Recording:
    """Run the program with an environment's own stack file (and changes to its `shop:` settings)."""
    text = (REPOSITORY / "infra" / f"Pulumi.{environment}.yaml").read_text()
    config = yaml.safe_load(text)["config"] | {
        f"shop:{name}": value for name, value in (changes or {}).items()
    }
    return record_settings(environment, config, run)


def record_settings(
    environment: str, config: Mapping[str, Any], run: Callable[[], None] = program
) -> Recording:
    """Run the program with the settings of a stack file, as they stand under `config:`; secrets too."""
    secrets = {f"shop:{name}": f"secret-{name}_1" for name in SECRET_NAMES}
    plain = {f"shop:{name}": value for name, value in PLAIN.items()}
    if config.get("shop:wechat") == {"issuer": "region"}:
        config = {**config, "shop:wechat": {"issuer": "region", **ISSUED}}
    recording = Recording()
    loops = _own_event_loops()
    set_mocks(_Cloud(), project="shop", stack=environment, preview=False, monitor=_Monitor(recording))
    # The mocks come with an empty stack; the program gets one of its own, as the engine would give it.
    set_root_resource(None)
    set_all_config(
        {key: _as_engine_gives(value) for key, value in {**secrets, **plain, **config}.items()}, list(secrets)
    )
    try:
        loops[0].run_until_complete(run_in_stack(run))
    finally:
        loops[0].run_until_complete(loops[0].shutdown_default_executor())
        for loop in loops:
            loop.close()
        asyncio.set_event_loop(None)
    return recording


def _own_event_loops() -> list[asyncio.AbstractEventLoop]:
    """The main thread's loop, then one for each worker thread: Pulumi would leave those open."""
    loops: list[asyncio.AbstractEventLoop] = []

    def begin() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    begin()
    loops[0].set_default_executor(ThreadPoolExecutor(initializer=begin))
    return loops


def _as_engine_gives(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _plain(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _has_secret(value: Any) -> bool:
    return bool(list(_secret_paths(value, "")))


def _secret_paths(value: Any, path: str) -> list[str]:
    if rpc.is_rpc_secret(value):
        return [path]
    if isinstance(value, dict):
        return [
            found
            for key, inner in value.items()
            for found in _secret_paths(inner, f"{path}.{key}".lstrip("."))
        ]
    if isinstance(value, list):
        return [
            found for index, inner in enumerate(value) for found in _secret_paths(inner, f"{path}[{index}]")
        ]
    return []
