"""What stands inside a RabbitMQ cluster: virtual hosts, users and their permissions."""

from typing import Any

from region.errors import RegionError
from region.resources.base import Properties, Resource
from region.services import placement
from region.services.rabbitmq_api import Api, api_of, path


class _Inside(Resource):
    """A thing inside a cluster. Its id is made of names: a name is there once."""

    names: tuple[str, ...]
    """The inputs that the id is made of; the first names the cluster."""

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

    def seen(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        """The outputs with what the cluster says."""
        del there
        return outputs

    def create(self, id_: str, inputs: Properties) -> Properties:
        api = api_of(self.region, inputs["instanceId"])
        if api is None:
            raise RegionError(
                f"RabbitMQ cluster {inputs['instanceId']} has no host in region {self.region.name}"
            )
        self.put(api, inputs)
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        api = api_of(self.region, outputs["instanceId"])
        there = api and api.get(self.where(outputs))
        return self.seen(outputs, there) if there else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        placement.refuse(self.type, id_, old, new, *self.names)
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        if api := api_of(self.region, outputs["instanceId"]):
            api.delete(self.where(outputs))


class VirtualHost(_Inside):
    type = "tencentcloud:Tdmq/rabbitmqVirtualHost:RabbitmqVirtualHost"
    prefix = ""
    names = ("instanceId", "virtualHost")

    def where(self, properties: Properties) -> str:
        return path("vhosts", properties["virtualHost"])

    def put(self, api: Api, inputs: Properties) -> None:
        body = {"description": inputs.get("description") or "", "tracing": bool(inputs.get("traceFlag"))}
        api.put(self.where(inputs), body)


class User(_Inside):
    type = "tencentcloud:Tdmq/rabbitmqUser:RabbitmqUser"
    prefix = ""
    names = ("instanceId", "user")

    def where(self, properties: Properties) -> str:
        return path("users", properties["user"])

    def put(self, api: Api, inputs: Properties) -> None:
        api.put(
            self.where(inputs), {"password": inputs["password"], "tags": ",".join(inputs.get("tags") or ())}
        )
        for name, limit in (("max-connections", "maxConnections"), ("max-channels", "maxChannels")):
            where = path("user-limits", inputs["user"], name)
            if inputs.get(limit):
                api.put(where, {"value": int(inputs[limit])})
            else:
                api.delete(where)


class Permission(_Inside):
    type = "tencentcloud:Tdmq/rabbitmqUserPermission:RabbitmqUserPermission"
    prefix = ""
    names = ("instanceId", "user", "virtualHost")

    def where(self, properties: Properties) -> str:
        return path("permissions", properties["virtualHost"], properties["user"])

    def put(self, api: Api, inputs: Properties) -> None:
        body = {
            "configure": inputs["configRegexp"],
            "write": inputs["writeRegexp"],
            "read": inputs["readRegexp"],
        }
        api.put(self.where(inputs), body)

    def seen(self, outputs: Properties, there: dict[str, Any]) -> Properties:
        regexps = {
            "configRegexp": there["configure"],
            "writeRegexp": there["write"],
            "readRegexp": there["read"],
        }
        return {**outputs, **regexps}


RESOURCES = (VirtualHost, User, Permission)
