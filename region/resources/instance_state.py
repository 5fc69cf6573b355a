"""What an instance is really like, and how that differs from what was asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from region import host_limits
from region.catalogue import DEFAULT_TYPE, size_of
from region.host_files import Host, find_host
from region.host_limits import Limits
from region.process import run
from region.region import Region
from region.resources.base import Properties
from region.resources.key_pair import KeyPair

GIB = 1024
"""MiB."""


@dataclass(frozen=True)
class Seen:
    """An instance as it is: its host's file, whether it runs, what it calls itself, its keys by id, its limits.

    `hostname` is empty, and `limits` None, of one that doesn't run; a key that no key pair has stands under itself.
    """

    host: Host
    running: bool
    hostname: str
    keys: tuple[str, ...] | None
    limits: Limits | None


def groups_of(inputs: Properties) -> tuple[str, ...]:
    """The security groups of an instance, in the order in which their rules are read."""
    return tuple(inputs.get("orderlySecurityGroups") or inputs.get("securityGroups") or ())


def running_wanted(inputs: Properties) -> bool:
    """Whether the instance shall run; it does unless it is said that it shall not."""
    return inputs.get("runningFlag") is not False


def limits_of(inputs: Properties) -> Limits:
    """What an instance of that type may use."""
    cores, memory = size_of(inputs.get("instanceType"))
    return Limits(cores, memory * GIB)


def public_keys(region: Region, key_ids: Iterable[str]) -> dict[str, str]:
    """The public keys of key pairs on record, by their ids."""
    return {id_: region.get(KeyPair.type, id_).outputs["publicKey"].strip() for id_ in key_ids}


def look(region: Region, id_: str) -> Seen | None:
    """The instance as it is, or None when it has no host. Changes nothing."""
    host = find_host(region.name, id_)
    if host is None:
        return None
    control = region.host(id_)
    leader = control.leader() if region.is_running(id_) else None
    file = control.root / "root/.ssh/authorized_keys"
    known = {record.outputs["publicKey"].strip(): record.id for record in region.records.all(KeyPair.type)}
    lines = file.read_text().splitlines() if file.exists() else []
    return Seen(
        host,
        leader is not None,
        run(["nsenter", f"--target={leader}", "--uts", "hostname"]).strip() if leader else "",
        # Without its root mounted, after a restart of the machine, nothing can be said of what is in it.
        tuple(known.get(line.strip(), line.strip()) for line in lines if line.strip())
        if control.root.joinpath("etc").exists()
        else None,
        host_limits.current(region.name, id_) if leader else None,
    )


def drifted(outputs: Properties, seen: Seen) -> Properties:
    """Pure but for the machine's size: the outputs, with every input that differs as it really is."""
    now: Properties = {
        **outputs,
        "instanceStatus": "RUNNING" if seen.running else "STOPPED",
        "privateIp": seen.host.address,
    }
    if seen.running != running_wanted(outputs):
        now["runningFlag"] = seen.running
    if seen.host.groups is not None and seen.host.groups != groups_of(outputs):
        name = "securityGroups" if outputs.get("securityGroups") else "orderlySecurityGroups"
        now[name] = list(seen.host.groups)
    if seen.keys is not None and sorted(seen.keys) != sorted(outputs.get("keyIds") or []):
        now["keyIds"] = list(seen.keys)
    if seen.hostname and outputs.get("hostname") and seen.hostname != outputs["hostname"]:
        now["hostname"] = seen.hostname
    wanted = host_limits.effective(limits_of(outputs))
    if seen.limits is not None and seen.limits != wanted:
        now["instanceType"] = type_like(outputs.get("instanceType") or DEFAULT_TYPE, wanted, seen.limits)
    return now


def type_like(type_: str, wanted: Limits, found: Limits) -> str:
    """What to call an instance of a type whose limits were changed by hand; no type of the catalogue."""
    cores, memory = size_of(type_)
    has_cores = found.cores if found.cores != wanted.cores else cores
    has_memory = found.memory if found.memory != wanted.memory else memory * GIB
    return f"{type_} with {has_cores or 'all'} cores and {has_memory or 'any'} MiB"
