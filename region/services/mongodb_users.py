"""Accounts of a MongoDB instance."""

from typing import Any

from region.hosts import HostControl
from region.region import Region
from region.services import daemon
from region.services.mongodb_client import EXISTS, MISSING, command

SECRET = "/etc/ferretdb-admin"


class Users:
    """The accounts of the server on one host. FerretDB knows no roles: every account may do everything."""

    def __init__(self, control: HostControl) -> None:
        self._control = control

    def _command(self, body: dict[str, Any], *accept: int) -> dict[str, Any]:
        return command(self._control, daemon.kept_secret(self._control, SECRET), body, accept)

    def put(self, name: str, password: str) -> None:
        """Have an account with that password."""
        done = self._command({"createUser": name, "pwd": password, "roles": []}, EXISTS)
        if "error" in done:
            self._command({"updateUser": name, "pwd": password})

    def has(self, name: str) -> bool:
        """Whether there is an account of that name."""
        return bool(self._command({"usersInfo": name}).get("users"))

    def drop(self, name: str) -> None:
        """Remove an account, if there is one."""
        self._command({"dropUser": name}, MISSING)


def users_of(region: Region, instance_id: str) -> Users | None:
    """The accounts of an instance; None when the instance is gone."""
    control = daemon.found(region, instance_id)
    return Users(control) if control else None
