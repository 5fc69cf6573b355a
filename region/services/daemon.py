"""Starting the one service of a host, and keeping what only the region may know of it."""

import os
import secrets
from concurrent.futures import ThreadPoolExecutor

from region.errors import RegionError
from region.hosts import HostControl, folder
from region.region import Region

Starting = tuple[HostControl, str]
"""A host and the unit that it is there for."""


def start(control: HostControl, unit: str) -> None:
    """Boot a host; raises `RegionError` with the unit's last lines when its service didn't come up."""
    control.boot()
    check(control, unit)


def start_all(*wanted: Starting) -> None:
    """Boot several hosts at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(wanted))) as pool:
        list(pool.map(lambda each: start(*each), wanted))


def check(control: HostControl, unit: str) -> None:
    """Raise `RegionError` with the unit's last lines unless it is active."""
    try:
        control.run(["systemctl", "is-active", "--quiet", unit])
    except RegionError as error:
        lines = control.run(["journalctl", "--unit", unit, "--lines", "20", "--output", "cat", "--no-pager"])
        raise RegionError(
            f"host {control.host.name} ({control.host.id}): {unit} is not running; its last lines:\n{lines}"
        ) from error


def restart(control: HostControl, unit: str) -> None:
    """Restart a unit so that it reads its configuration."""
    control.run(["systemctl", "restart", "--no-block", unit])
    control.wait_for(["systemctl", "is-active", "--quiet", unit], unit)


def active(control: HostControl, unit: str) -> bool:
    """Whether the unit of a running host is active."""
    return control.run(["systemctl", "show", "--property=ActiveState", "--value", unit]).strip() == "active"


def revive(control: HostControl, unit: str) -> None:
    """Boot a host that is stopped, start its service if that isn't running, and wait until it is."""
    if control.leader() is None:
        control.boot()
    if not active(control, unit):
        control.run(["systemctl", "reset-failed", unit])
        control.run(["systemctl", "start", "--no-block", unit])
        try:
            control.wait_for(["systemctl", "is-active", "--quiet", unit], unit, 30)
        except RegionError:
            check(control, unit)


def exists(region: Region, host_id: str) -> bool:
    """Whether a service's host was made and not removed."""
    return (folder(region.name, host_id) / "host.json").exists()


def found(region: Region, host_id: str) -> HostControl | None:
    """A service's host, booted if it was stopped; None when it is gone."""
    if not exists(region, host_id):
        return None
    control = region.host(host_id)
    if control.leader() is None:
        control.prepare()
        control.boot()
    return control


def keep_secret(control: HostControl, path: str) -> str:
    """A new password, kept in a file of the host that its root alone reads."""
    secret = secrets.token_hex(20)
    control.write(path, secret, 0o600)
    return secret


def kept_secret(control: HostControl, path: str) -> str:
    """The password that `keep_secret` made."""
    return (control.root / path.lstrip("/")).read_text()


def own_data(control: HostControl, path: str, user: str) -> None:
    """Give the folder that is bound to `path`, with all that was laid in it, to a user of the host."""
    uid, gid = user_ids((control.root / "etc/passwd").read_text(), user)
    data = control.home / "data" / control.host.binds[path]
    for path_inside in (data, *data.rglob("*")):
        os.chown(path_inside, uid, gid)
    data.chmod(0o750)


def user_ids(passwd: str, user: str) -> tuple[int, int]:
    """Pure: a user's id and group id, from the text of /etc/passwd."""
    for line in passwd.splitlines():
        fields = line.split(":")
        if fields[0] == user:
            return int(fields[2]), int(fields[3])
    raise RegionError(f"the image has no user {user!r}")
