"""What stands inside a MySQL instance: databases, accounts and privileges, made by SQL on its primary."""

from typing import Any

from region import schema
from region.errors import RegionError
from region.resources.base import Properties, Resource
from region.services import grants, sql
from region.services.mariadb import REPLICATION_USER, Server, primary_of


class _Inside(Resource):
    """A thing inside an instance. Its id is made of names: a name is there once."""

    instance: str
    """The input that names the instance."""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def _server(self, properties: Properties) -> Server:
        server = self._server_if_any(properties)
        if server is None:
            raise RegionError(
                f"MySQL instance {properties[self.instance]} has no host in region {self.region.name}"
            )
        return server

    def _server_if_any(self, properties: Properties) -> Server | None:
        return primary_of(self.region, properties[self.instance])


class Database(_Inside):
    type = "tencentcloud:Mysql/database:Database"
    prefix = ""
    instance = "instanceId"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['dbName']}"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._server(inputs).execute(sql.create_database(inputs["dbName"], inputs["characterSetName"]))
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        server = self._server_if_any(outputs)
        if server is None:
            return None
        name = sql.text(outputs["dbName"])
        query = (
            f"SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name};"  # noqa: S608
        )
        rows = server.rows(query)
        # MariaDB's name for what MySQL calls utf8.
        asked = outputs["characterSetName"]
        found = "utf8" if rows and rows[0][0] == "utf8mb3" and asked == "utf8" else rows[0][0] if rows else ""
        return {**outputs, "characterSetName": found} if rows else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        self._server(new).execute(sql.alter_database(new["dbName"], new["characterSetName"]))
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        if server := self._server_if_any(outputs):
            server.execute(sql.drop_database(outputs["dbName"]))


def host_of(properties: Properties, field: str = "host") -> str:
    """Where an account may come from; from everywhere unless it says."""
    return str(properties.get(field) or sql.HOSTS)


class Account(_Inside):
    type = "tencentcloud:Mysql/account:Account"
    prefix = ""
    instance = "mysqlId"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if not inputs.get("name"):
            return [("name", "is required: the local region makes up no names")]
        if inputs["name"] in ("root", "mariadb.sys", "mysql", REPLICATION_USER):
            return [("name", f"{inputs['name']!r} is the instance's own")]
        return []

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['mysqlId']}#{inputs['name']}#{host_of(inputs)}"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._put(self._server(inputs), inputs)
        return {"host": host_of(inputs)}

    def _put(self, server: Server, inputs: Properties) -> None:
        limit = int(inputs.get("maxUserConnections") or 0)
        server.execute(*sql.put_account(inputs["name"], host_of(inputs), inputs["password"], limit))

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        server = self._server_if_any(outputs)
        name, host = sql.text(outputs["name"]), sql.text(host_of(outputs))
        there = server and server.rows(f"SELECT 1 FROM mysql.user WHERE User = {name} AND Host = {host};")  # noqa: S608
        return outputs if there else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        server = self._server(new)
        before, after = sql.account(old["name"], host_of(old)), sql.account(new["name"], host_of(new))
        if before != after and self.read(id_, old):
            server.execute(f"RENAME USER {before} TO {after};")
        self._put(server, new)
        return {"host": host_of(new)}

    def delete(self, id_: str, outputs: Properties) -> None:
        if server := self._server_if_any(outputs):
            server.execute(sql.drop_account(outputs["name"], host_of(outputs)))


class Privilege(_Inside):
    type = "tencentcloud:Mysql/privilege:Privilege"
    prefix = ""
    instance = "mysqlId"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['mysqlId']}#{inputs['accountName']}#{host_of(inputs, 'accountHost')}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        try:
            grants.wanted({name: value for name, value in inputs.items() if value != schema.UNKNOWN})
        except RegionError as error:
            return [("privileges", str(error))]
        return []

    def _who(self, properties: Properties) -> tuple[str, str]:
        return properties["accountName"], host_of(properties, "accountHost")

    def _rows(self, server: Server, properties: Properties) -> list[list[str]]:
        return server.rows(grants.query(*self._who(properties)))

    def _put(self, properties: Properties, wanted: set[grants.Grant]) -> None:
        server = self._server(properties)
        statements = grants.change(
            *self._who(properties), grants.observed(self._rows(server, properties)), wanted
        )
        if statements:
            server.execute(*statements)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._put(inputs, grants.wanted(inputs))
        return {"accountHost": host_of(inputs, "accountHost")}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        server = self._server_if_any(outputs)
        if server is None:
            return None
        rows = self._rows(server, outputs)
        if grants.observed(rows) == grants.wanted(outputs):
            return outputs
        found: dict[str, Any] = dict(grants.asked(rows))
        return {**outputs, **{name: value for name, value in found.items() if value or name in outputs}}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        server = self._server_if_any(outputs)
        who = self._who(outputs)
        # The account may be gone already, and its privileges with it.
        if server and (rows := self._rows(server, outputs)):
            server.execute(*grants.change(*who, grants.observed(rows), set()))


RESOURCES = (Database, Account, Privilege)
