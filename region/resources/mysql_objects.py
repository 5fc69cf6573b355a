"""What stands inside a MySQL instance: databases, accounts and privileges, made by SQL on its primary."""

from typing import Any

from region import schema
from region.errors import RegionError
from region.resources.base import Properties, Resource
from region.services import grants, mariadb_state, sql
from region.services.mariadb import REPLICATION_USER, Server, holder_of, primary_of


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

    def _rows(self, properties: Properties, query: str) -> list[list[str]] | None:
        """The rows of a query for somebody who only looks. None when the instance is down, and can't be asked; none
        at all when it is gone."""
        holder = holder_of(self.region, properties[self.instance])
        return Server(holder).glance(query) if holder else []

    def _named(self, id_: str, *fields: str) -> Properties:
        """The inputs that an id is made of; none when it is not one, or its instance is not there."""
        parts = id_.split("#")
        if len(parts) != len(fields) or holder_of(self.region, parts[0]) is None:
            return {}
        return dict(zip(fields, parts, strict=True))


class Database(_Inside):
    """A database of an instance.

    Equal: name and character set; a change of the character set is for tables that are made from then on.
    """

    type = "tencentcloud:Mysql/database:Database"
    prefix = ""
    instance = "instanceId"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['dbName']}"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._server(inputs).execute(sql.create_database(inputs["dbName"], inputs["characterSetName"]))
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        name = sql.text(outputs["dbName"])
        query = (
            f"SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name};"  # noqa: S608
        )
        rows = self._rows(outputs, query)
        if not rows:
            return outputs if rows is None else None
        # MariaDB's name for what MySQL calls utf8.
        found = "utf8" if rows[0][0] == "utf8mb3" else rows[0][0]
        return {**outputs, "characterSetName": found}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        named = self._named(id_, "instanceId", "dbName")
        found = self.read(id_, {**named, "characterSetName": ""}) if named else None
        return (found, {}) if found else None

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
    """An account of an instance, the same on its standby and its read-only instances.

    Equal: name, host, password, connections at once. A changed password or a locked account reads as an empty
    password, since only its hash is kept.

    Differs: `description` is taken down only. `name` is required.
    """

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
        rows = self._rows(outputs, "SELECT " + mariadb_state.login_query(outputs["name"], host_of(outputs)))
        if not rows:
            return outputs if rows is None else None
        found = mariadb_state.login(rows[0])
        drift: Properties = {}
        if not found.opens(outputs["password"]):
            # What it is now can't be told from its hash, nor whether somebody locked it.
            drift["password"] = ""
        if found.connections != int(outputs.get("maxUserConnections") or 0):
            drift["maxUserConnections"] = found.connections
        return {**outputs, **drift}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        named = self._named(id_, "mysqlId", "name", "host")
        # The password can't be told: the program's is set by the next `up`.
        found = self.read(id_, {**named, "password": ""}) if named else None
        return (found, {}) if found else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        server = self._server(new)
        before, after = sql.account(old["name"], host_of(old)), sql.account(new["name"], host_of(new))
        if before != after and self._rows(old, there(old["name"], host_of(old))):
            server.execute(f"RENAME USER {before} TO {after};")
        self._put(server, new)
        return {"host": host_of(new)}

    def delete(self, id_: str, outputs: Properties) -> None:
        if server := self._server_if_any(outputs):
            server.execute(sql.drop_account(outputs["name"], host_of(outputs)))


class Privilege(_Inside):
    """What an account may do: everywhere, in a database, in a table, in a column.

    Equal: the privileges that a managed instance gives, and no others; what was given or taken by hand shows, and goes.

    Differs: MySQL's REPLICATION CLIENT is BINLOG MONITOR and SLAVE MONITOR in MariaDB.
    """

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

    def _put(self, properties: Properties, wanted: set[grants.Grant]) -> None:
        server = self._server(properties)
        who = self._who(properties)
        statements = grants.change(*who, grants.observed(server.rows(grants.query(*who))), wanted)
        if statements:
            server.execute(*statements)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self._put(inputs, grants.wanted(inputs))
        return {"accountHost": host_of(inputs, "accountHost")}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        rows = self._rows(outputs, there(*self._who(outputs)) + grants.query(*self._who(outputs)))
        if not rows:
            return outputs if rows is None else None
        rows = [row for row in rows if len(row) > 1]
        if grants.observed(rows) == grants.wanted(outputs):
            return outputs
        found: dict[str, Any] = dict(grants.asked(rows))
        return {**outputs, **{name: value for name, value in found.items() if value or name in outputs}}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        named = self._named(id_, "mysqlId", "accountName", "accountHost")
        found = self.read(id_, {**named, "globals": []}) if named else None
        return (found, {}) if found else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        server = self._server_if_any(outputs)
        who = self._who(outputs)
        # The account may be gone already, and its privileges with it.
        if server and (rows := server.rows(grants.query(*who))):
            server.execute(*grants.change(*who, grants.observed(rows), set()))


def there(name: str, host: str) -> str:
    """A query that has one row, of one column, when there is such an account."""
    return f"SELECT 1 FROM mysql.global_priv WHERE {sql.is_account(name, host)};\n"  # noqa: S608


RESOURCES = (Database, Account, Privilege)
