"""What stands inside a RabbitMQ cluster: virtual hosts, users and their permissions."""

from typing import Any

from region import schema
from region.errors import RegionError
from region.resources.base import Properties, Resource
from region.services.rabbitmq_api import Api, api_of, path, watched
from region.services.rabbitmq_config import ADMIN, opens


class _Inside(Resource):
    """A thing inside a cluster. Its id is made of names: a name is there once."""

    names: tuple[str, ...]
    """The inputs that the id is made of; the first names the cluster."""
    asked: tuple[str, ...] = ()
    """The inputs that an import has to give, though they be empty."""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return "#".join(inputs[name] for name in self.names)

    def put(self, api: Api, inputs: Properties) -> None:
        """Make it, or bring it to its inputs."""
        raise NotImplementedError

    def where(self, properties: Properties) -> str:
        """Its path in the cluster's API."""
        raise NotImplementedError

    def drift(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        """The inputs that are otherwise in the cluster, as they are there."""
        raise NotImplementedError

    def create(self, id_: str, inputs: Properties) -> Properties:
        api = api_of(self.region, inputs["instanceId"])
        if api is None:
            raise RegionError(
                f"RabbitMQ cluster {inputs['instanceId']} has no host in region {self.region.name}"
            )
        self.put(api, inputs)
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(outputs["instanceId"]):
            return None
        api = watched(self.region, outputs["instanceId"])
        if api is None:
            return outputs
        there = api.get(self.where(outputs))
        return {**outputs, **self.drift(outputs, there)} if there else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        if any(old.get(name) != new[name] for name in self.names):
            # Another name or another cluster: what it was goes.
            self.delete(id_, old)
        return self.create(id_, new)

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        parts = id_.split("#")
        if len(parts) != len(self.names) or not self.region.has_host(parts[0]):
            return None
        named: Properties = dict(zip(self.names, parts, strict=True))
        api = watched(self.region, parts[0])
        there = api.get(self.where(named)) if api else None
        given: Properties = dict.fromkeys(self.asked, "") | named
        return ({**given, **self.drift(given, there)}, {}) if there else None

    def delete(self, id_: str, outputs: Properties) -> None:
        if api := api_of(self.region, outputs["instanceId"]):
            api.delete(self.where(outputs))


class VirtualHost(_Inside):
    """A virtual host of a RabbitMQ cluster.

    Equal: its name, its description, and whether messages are traced.
    """

    type = "tencentcloud:Tdmq/rabbitmqVirtualHost:RabbitmqVirtualHost"
    prefix = ""
    names = ("instanceId", "virtualHost")

    def where(self, properties: Properties) -> str:
        return path("vhosts", properties["virtualHost"])

    def put(self, api: Api, inputs: Properties) -> None:
        body = {"description": inputs.get("description") or "", "tracing": bool(inputs.get("traceFlag"))}
        api.put(self.where(inputs), body)

    def drift(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        # An older node tells of descriptions under `metadata` only.
        description = there.get("description") or there.get("metadata", {}).get("description") or ""
        found = {"description": description, "traceFlag": bool(there.get("tracing"))}
        return {name: value for name, value in found.items() if value != (outputs.get(name) or type(value)())}


class User(_Inside):
    """A user of a RabbitMQ cluster.

    Equal: password, tags, and how many connections and channels it may have at once. Of the tags `management` and
    `monitoring` let a user see the console, as in the cloud; others give nothing: nobody administers a managed cluster.
    A changed password shows as an empty one.

    Differs: `description` is taken down only.
    """

    type = "tencentcloud:Tdmq/rabbitmqUser:RabbitmqUser"
    prefix = ""
    names = ("instanceId", "user")
    asked = ("password",)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if inputs.get("user") == ADMIN:
            return [("user", f"{ADMIN!r} is the cluster's own")]
        return []

    def where(self, properties: Properties) -> str:
        return path("users", properties["user"])

    def put(self, api: Api, inputs: Properties) -> None:
        api.put(self.where(inputs), {"password": inputs["password"], "tags": ",".join(tags_of(inputs))})
        for name, limit in LIMITS.items():
            where = path("user-limits", inputs["user"], name)
            if inputs.get(limit):
                api.put(where, {"value": int(inputs[limit])})
            else:
                api.delete(where)

    def drift(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        found: Properties = {}
        if not opens(there["password_hash"], outputs["password"]):
            found["password"] = ""
        tags = [tag for tag in there["tags"] if tag]
        if sorted(tags) != sorted(tags_of(outputs)):
            found["tags"] = tags
        for name, limit in LIMITS.items():
            if (value := there.get("limits", {}).get(name, 0)) != int(outputs.get(limit) or 0):
                found[limit] = value
        return found


LIMITS = {"max-connections": "maxConnections", "max-channels": "maxChannels"}
CONSOLE = ("management", "monitoring")


def tags_of(inputs: Properties) -> list[str]:
    """The tags that mean something on a managed cluster."""
    return [tag for tag in inputs.get("tags") or () if tag in CONSOLE]


class Permission(_Inside):
    """What a user may configure, write and read in a virtual host, as regular expressions of names.

    Equal: all three, and their drift.
    """

    type = "tencentcloud:Tdmq/rabbitmqUserPermission:RabbitmqUserPermission"
    prefix = ""
    names = ("instanceId", "user", "virtualHost")
    asked = ("configRegexp", "writeRegexp", "readRegexp")

    def where(self, properties: Properties) -> str:
        return path("permissions", properties["virtualHost"], properties["user"])

    def put(self, api: Api, inputs: Properties) -> None:
        api.put(self.where(inputs), {part: inputs[field] for part, field in PARTS.items()})

    def drift(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        return {field: there[part] for part, field in PARTS.items() if there[part] != outputs[field]}


PARTS = {"configure": "configRegexp", "write": "writeRegexp", "read": "readRegexp"}

RESOURCES = (VirtualHost, User, Permission)
