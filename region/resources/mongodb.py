"""TencentDB for MongoDB: FerretDB on a host, keeping its documents in SQLite."""

import time
from dataclasses import replace

from region import schema
from region.errors import RegionError
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource, computed
from region.services import daemon, ferretdb_config, mongodb_users, placement
from region.services.mongodb_users import SECRET, UNIT, Users, users_of
from tools.build import ensure

OWNER = "mongouser"
"""The account that an instance's password is for."""
RUNNING, STOPPED = 2, -2
"""What the cloud calls the states of an instance (DescribeDBInstances, Status): running, and offline."""
COMPUTED = ("vip", "vport", "createTime", "standbyInstanceLists")


class Instance(Resource):
    """A TencentDB for MongoDB instance: FerretDB 1.24 on a host of its own, its documents in SQLite.

    Equal: MongoDB's protocol, accounts with passwords (SCRAM), nobody without one, security groups, name and
    password changed while it runs.

    Differs: one node, whatever number is asked for, and one engine for each `engineVersion`; no `$lookup`, no index
    that lets documents expire, look-ups by anything but `_id` go through a whole collection. Memory and volume limit
    nothing. FerretDB has no roles: each account may do everything. One that is down reads as one of no memory, one
    whose owner's password was changed as one with an empty password.
    """

    type = "tencentcloud:Mongodb/instance:Instance"
    prefix = "cmgo"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return placement.missing_network(inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.delete(id_, {})
        address = placement.lease(self.region, inputs)
        host = placement.managed(self.region, id_, inputs["instanceName"], "mongodb", inputs, address)
        control = self.region.prepare(replace(host, binds={ferretdb_config.STATE: "ferretdb"}))
        self._lay(control)
        self.region.refresh_firewall(host.router)
        daemon.start(control, UNIT)
        if password := inputs.get("password"):
            Users(control).put(OWNER, password)
        return {
            "vip": address,
            "vport": ferretdb_config.PORT,
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "status": RUNNING,
            "standbyInstanceLists": [],
        }

    def _lay(self, control: HostControl) -> None:
        control.write(ferretdb_config.BINARY, ensure("ferretdb").read_bytes(), 0o755)
        control.write("/etc/systemd/system/ferretdb.service", ferretdb_config.unit())
        control.write("/etc/sysusers.d/ferretdb.conf", ferretdb_config.SYSUSERS)
        run(["chroot", control.root, "systemd-sysusers", "/etc/sysusers.d/ferretdb.conf"])
        secret = daemon.keep_secret(control, SECRET)
        control.write(ferretdb_config.ENVIRONMENT_FILE, ferretdb_config.environment(secret), 0o600)
        daemon.own_data(control, ferretdb_config.STATE, ferretdb_config.USER)
        control.enable(UNIT)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        password = outputs.get("password") or ""
        runs, opens = mongodb_users.look(self.region.host(id_), OWNER, password)
        if not runs:
            return {**outputs, "status": STOPPED, "memory": 0}
        drift = {"password": ""} if password and not opens else {}
        return {**outputs, "status": RUNNING, **drift}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        users = users_of(self.region, id_)
        if users is None:
            raise placement.gone(self.type, id_)
        control = self.region.host(id_)
        placement.regroup(self.region, control, placement.groups(new))
        placement.rename(control, new["instanceName"])
        if password := new.get("password"):
            users.put(OWNER, password)
        return {**computed(old, *COMPUTED), "status": RUNNING}

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


class InstanceAccount(Resource):
    """An account of a MongoDB instance.

    Equal: its password; the owner's has to be given to make it. A changed password shows as an empty one.

    Differs: `authRoles` are taken down and limit nothing. `userDesc` is taken down only.
    """

    type = "tencentcloud:Mongodb/instanceAccount:InstanceAccount"
    prefix = ""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return f"{inputs['instanceId']}#{inputs['userName']}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        # The cloud's API asks for both, though the schema doesn't.
        found = [(name, "is required") for name in ("password", "mongoUserPassword") if not inputs.get(name)]
        if inputs.get("userName") in (OWNER, ferretdb_config.ADMIN):
            found.append(("userName", f"{inputs['userName']!r} is the instance's own"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        users = users_of(self.region, inputs["instanceId"])
        if users is None:
            raise RegionError(
                f"MongoDB instance {inputs['instanceId']} has no host in region {self.region.name}"
            )
        self._authorise(inputs)
        users.put(inputs["userName"], inputs["password"])
        return {}

    def _authorise(self, inputs: Properties) -> None:
        """The owner's password has to be right, as the cloud asks for it too."""
        owner = self.region.records.get(Instance.type, inputs["instanceId"])
        if owner and owner.inputs.get("password") != inputs["mongoUserPassword"]:
            raise RegionError(
                f"mongoUserPassword is not the password of {OWNER} on MongoDB instance {inputs['instanceId']}"
            )

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(outputs["instanceId"]):
            return None
        control = self.region.host(outputs["instanceId"])
        runs, opens = mongodb_users.look(control, outputs["userName"], outputs["password"])
        if not runs:
            return outputs
        return None if opens is None else outputs if opens else {**outputs, "password": ""}

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        instance, _, name = id_.partition("#")
        owner = self.region.records.get(Instance.type, instance)
        if not name or owner is None or not self.region.has_host(instance):
            return None
        # The password can't be told: the program's is set by the next `up`.
        named = {"instanceId": instance, "userName": name, "password": ""}
        found = self.read(id_, {**named, "mongoUserPassword": owner.inputs.get("password", "")})
        return (found, {}) if found else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        if users := users_of(self.region, outputs["instanceId"]):
            users.drop(outputs["userName"])


class InstanceBackupRule(Resource):
    """When TencentDB backs a MongoDB instance up, and how long it keeps that.

    Equal: the days and hours that may be named.

    Differs: taken down only; shopctl's own backups go by their own schedule.
    """

    type = "tencentcloud:Mongodb/instanceBackupRule:InstanceBackupRule"
    prefix = ""

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs["instanceId"])

    def check(self, inputs: Properties) -> list[schema.Failure]:
        allowed = {
            "backupMethod": (0, 1, 3),
            "backupTime": range(24),
            "backupRetentionPeriod": (7, 30, 90, 180, 365),
        }
        return [
            (name, f"has to be one of {', '.join(map(str, values))}, not {inputs[name]}")
            for name, values in allowed.items()
            if inputs.get(name) not in (None, schema.UNKNOWN) and int(inputs[name]) not in values
        ]

    def create(self, id_: str, inputs: Properties) -> Properties:
        if not self.region.has_host(id_):
            raise RegionError(f"MongoDB instance {id_} has no host in region {self.region.name}")
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if self.region.has_host(id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        """It is nothing but its record."""


RESOURCES = (Instance, InstanceAccount, InstanceBackupRule)
