"""Accounts of a MongoDB instance."""

from typing import Any

from region.hosts import HostControl
from region.region import Region
from region.services import daemon
from region.services.mongodb_client import EXISTS, MISSING, Login, administrator, command

UNIT = "ferretdb.service"
SECRET = "/etc/ferretdb-admin"


class Users:
    """The accounts of the server on one host. FerretDB knows no roles: every account may do everything."""

    def __init__(self, control: HostControl) -> None:
        self._control = control

    def _command(self, body: dict[str, Any], *accept: int, attempt: Login | None = None) -> dict[str, Any]:
        login = administrator(daemon.kept_secret(self._control, SECRET))
        return command(self._control, login, body, accept, attempt)

    def put(self, name: str, password: str) -> None:
        """Have an account with that password."""
        done = self._command({"createUser": name, "pwd": password, "roles": []}, EXISTS)
        if "error" in done:
            self._command({"updateUser": name, "pwd": password})

    def look(self, name: str, password: str) -> bool | None:
        """Whether the password opens an account; None when there is no such account."""
        done = self._command({"usersInfo": name}, attempt=(name, password))
        return bool(done["opens"]) if done.get("users") else None

    def drop(self, name: str) -> None:
        """Remove an account, if there is one."""
        self._command({"dropUser": name}, MISSING)


def users_of(region: Region, instance_id: str) -> Users | None:
    """The accounts of an instance, started if it was stopped; None when the instance is gone."""
    if not region.has_host(instance_id):
        return None
    control = region.host(instance_id)
    daemon.revive(control, UNIT)
    return Users(control)


def look(control: HostControl, name: str, password: str) -> tuple[bool, bool | None]:
    """Whether the server of a host runs, and what `Users.look` says of an account. Changes nothing."""
    if control.leader() is None or not daemon.active(control, UNIT):
        return False, None
    return True, Users(control).look(name, password)
