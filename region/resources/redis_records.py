"""What a Redis instance is configured by: its inputs, and the accounts and parameters on record."""

from collections.abc import Mapping
from typing import Any

from region.region import Region
from region.services import daemon, redis_config
from region.services.redis_server import SECRET, Server

INSTANCE = "tencentcloud:Redis/instance:Instance"
ACCOUNT = "tencentcloud:Redis/account:Account"
PARAM = "tencentcloud:Redis/param:Param"
PORT = 6379
READ, WRITE = "r", "rw"


def settings_of(region: Region, id_: str, inputs: Mapping[str, Any], secret: str) -> redis_config.Settings:
    """What the server of an instance is configured by."""
    password = None if inputs.get("noAuth") else inputs.get("password")
    port = int(inputs.get("port") or PORT)
    return redis_config.Settings(
        int(inputs["memSize"]), port, password, secret, accounts_of(region, id_), parameters_of(region, id_)
    )


def accounts_of(region: Region, id_: str) -> tuple[redis_config.Account, ...]:
    """The accounts of an instance on record."""
    inputs = (record.inputs for record in region.records.all(ACCOUNT))
    return tuple(account_of(each) for each in inputs if each["instanceId"] == id_)


def account_of(inputs: Mapping[str, Any]) -> redis_config.Account:
    writes = inputs["privilege"].lower() == WRITE
    return redis_config.Account(inputs["accountName"], inputs["accountPassword"], writes)


def parameters_of(region: Region, id_: str) -> dict[str, str]:
    """The parameters of an instance on record."""
    found: dict[str, str] = {}
    for record in region.records.all(PARAM):
        if record.inputs["instanceId"] == id_:
            found |= {name: str(value) for name, value in record.inputs["instanceParams"].items()}
    return found


def bring(region: Region, id_: str, inputs: Mapping[str, Any], port: int) -> None:
    """Have the server of an instance, which answers at `port`, be as its inputs and the records say."""
    control = region.host(id_)
    with region.locked(f"redis-{id_}"):
        settings = settings_of(region, id_, inputs, daemon.kept_secret(control, SECRET))
        Server(control, port).reconfigure(settings)


def lay(region: Region, id_: str) -> None:
    """Bring an instance in line with the accounts and parameters on record, if it is there."""
    record = region.records.get(INSTANCE, id_)
    if record is not None and region.has_host(id_):
        bring(region, id_, record.inputs, int(record.outputs["port"]))
