"""What belongs to a Redis instance: accounts, parameters, its backup window."""

from typing import Any

from region import schema
from region.errors import RegionError
from region.resources.base import Properties, Resource
from region.resources.redis_records import ACCOUNT, INSTANCE, PARAM, READ, WRITE, account_of, lay
from region.services import redis_config
from region.services.redis_server import Server

RESERVED = (redis_config.DEFAULT, redis_config.ADMIN)


class _Inside(Resource):
    """A thing that is part of an instance's configuration."""

    prefix = ""
    instance = "instanceId"

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs[self.instance])

    def create(self, id_: str, inputs: Properties) -> Properties:
        if not self.region.has_host(inputs[self.instance]):
            raise RegionError(
                f"Redis instance {inputs[self.instance]} has no host in region {self.region.name}; run a refresh first"
            )
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def settled(self, outputs: Properties) -> None:
        lay(self.region, outputs[self.instance])

    def _server(self, outputs: Properties) -> tuple[Server, redis_config.Seen] | None:
        """The server and how it is; None when it is down."""
        record = self.region.records.get(INSTANCE, outputs[self.instance])
        if record is None:
            return None
        server = Server(self.region.host(record.id), int(record.outputs["port"]))
        seen = server.look()
        return (server, seen) if seen else None

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(outputs[self.instance]):
            return None
        found = self._server(outputs)
        return self.seen(outputs, *found) if found else outputs

    def seen(self, outputs: Properties, server: Server, there: redis_config.Seen) -> Properties | None:
        """The outputs with what the running server has."""
        raise NotImplementedError

    def delete(self, id_: str, outputs: Properties) -> None:
        """It goes from the server when its record is dropped."""


class Account(_Inside):
    """An account beside the instance's own: an ACL user that reads (`r`) or reads and writes (`rw`).

    Equal: its password opens the instance, its privilege holds, the commands that the cloud keeps for itself are
    refused. A changed password or rule shows as an empty password.

    Differs: a client gives name and password (`AUTH name password`); the cloud's proxy takes `AUTH name@password`,
    which no server of Redis knows. `readonlyPolicies` are taken down only: there are no replicas to read from.
    """

    type = ACCOUNT

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['accountName']}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        found: list[schema.Failure] = []
        name, privilege = inputs.get("accountName"), inputs.get("privilege")
        if name in RESERVED or any(character.isspace() for character in str(name)):
            found.append(("accountName", f"{name!r} is the instance's own, or no name"))
        if privilege != schema.UNKNOWN and str(privilege).lower() not in (READ, WRITE):
            found.append(("privilege", f"has to be r or rw, not {privilege!r}"))
        return found

    def seen(self, outputs: Properties, server: Server, there: redis_config.Seen) -> Properties | None:
        rules = there.users.get(outputs["accountName"])
        if rules is None:
            return None
        return outputs if rules == account_of(outputs).rules else {**outputs, "accountPassword": ""}


class Param(_Inside):
    """Parameters of an instance, set while it runs and kept over a restart.

    Equal: what Redis knows by the same name is set, and shows when it was changed by hand.

    Differs: a name that Redis doesn't know is passed over (the cloud has some of its own). Without this resource the
    parameters go back to the server's own; the cloud's stay as they are.
    """

    type = PARAM

    def seen(self, outputs: Properties, server: Server, there: redis_config.Seen) -> Properties:
        strays = server.strays(there)
        asked: dict[str, Any] = outputs["instanceParams"]
        changed = {name: value for name, value in strays.items() if name in asked}
        return {**outputs, "instanceParams": {**asked, **changed}} if changed else outputs


class BackupConfig(_Inside):
    """When TencentDB backs an instance up.

    Equal: the windows that may be named.

    Differs: taken down only; shopctl's own backups go by their own schedule.
    """

    type = "tencentcloud:Redis/backupConfig:BackupConfig"
    instance = "redisId"

    def settled(self, outputs: Properties) -> None:
        """Nothing of the server is made from it."""

    def seen(self, outputs: Properties, server: Server, there: redis_config.Seen) -> Properties:
        return outputs
