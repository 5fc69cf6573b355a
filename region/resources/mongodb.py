"""TencentDB for MongoDB: FerretDB on a host, keeping its documents in SQLite.

A single node, whatever number is asked for. FerretDB has accounts and passwords, but no roles: `authRoles`
are taken down and don't limit what an account may do.
"""

import time
from dataclasses import replace

from region import schema
from region.errors import RegionError
from region.hosts import HostControl
from region.process import run
from region.resources.base import Properties, Resource, computed
from region.services import daemon, ferretdb_config, placement
from region.services.mongodb_users import SECRET, Users, users_of
from tools.build import ensure

UNIT = "ferretdb.service"
OWNER = "mongouser"
"""The account that an instance's password is for."""
RUNNING, STOPPED = 2, -2
"""What the cloud calls the states of an instance (DescribeDBInstances, Status): running, and offline."""
COMPUTED = ("vip", "vport", "createTime", "status", "standbyInstanceLists")


class Instance(Resource):
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
        if not daemon.exists(self.region, id_):
            return None
        return {**outputs, "status": RUNNING if self.region.is_running(id_) else STOPPED}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        control = daemon.found(self.region, id_)
        if control is None:
            raise placement.gone(self.type, id_)
        placement.regroup(self.region, control, placement.groups(new))
        if (password := new.get("password")) and password != old.get("password"):
            Users(control).put(OWNER, password)
        return computed(old, *COMPUTED)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


class InstanceAccount(Resource):
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
        users = users_of(self.region, outputs["instanceId"])
        return outputs if users and users.has(outputs["userName"]) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def delete(self, id_: str, outputs: Properties) -> None:
        if users := users_of(self.region, outputs["instanceId"]):
            users.drop(outputs["userName"])


RESOURCES = (Instance, InstanceAccount)
