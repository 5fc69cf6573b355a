"""Where the host of a managed service stands."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from region.errors import RegionError
from region.hosts import Host, HostControl
from region.region import Region, subnet_of
from region.schema import Failure

NETWORK = ("vpcId", "subnetId")


def missing_network(inputs: Mapping[str, Any]) -> list[Failure]:
    """The failures of a service that doesn't say where it stands; the region has no default network."""
    return [
        (name, "is required: the local region has no default network")
        for name in NETWORK
        if not inputs.get(name)
    ]


def host_name(text: str, fallback: str) -> str:
    """`text` as a host's name (RFC 1123, 2.1); `fallback` when nothing of it can stay."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or fallback


def lease(region: Region, inputs: Mapping[str, Any], wanted: str | None = None) -> str:
    """An address of the subnet that the inputs name."""
    return region.lease_address(subnet_of(region, inputs["subnetId"])["cidrBlock"], wanted)


def groups(inputs: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The service's security groups. Without any it takes what comes, as in the cloud."""
    return tuple(inputs.get("securityGroups") or ()) or None


def regroup(region: Region, control: HostControl, wanted: tuple[str, ...] | None) -> None:
    """Give a host other security groups."""
    if control.host.groups != wanted:
        control.save(replace(control.host, groups=wanted))
        region.refresh_firewall(control.host.router)


def rename(control: HostControl, wanted: str) -> None:
    """Give a running host another name."""
    name = host_name(wanted, control.host.id)
    if control.host.name != name:
        control.save(replace(control.host, name=name))
        control.write("/etc/hostname", f"{name}\n")
        control.run(["hostname", name])


def gone(type_: str, id_: str) -> RegionError:
    """The error of an update that finds no host."""
    return RegionError(f"{type_} {id_} has no host any more; run a refresh, then bring it up again")


def refuse(type_: str, id_: str, old: Mapping[str, Any], new: Mapping[str, Any], *fields: str) -> None:
    """Raise when an update wants what can't be changed on a running service."""
    changed = [name for name in fields if old.get(name) != new.get(name)]
    if changed:
        kind = type_.rpartition(":")[2]
        raise RegionError(
            f"{kind} {id_}: {', '.join(changed)} cannot be changed; delete the resource and create it anew"
        )


def managed(
    region: Region, id_: str, name: str, kind: str, inputs: Mapping[str, Any], *addresses: str
) -> Host:
    """A host of the managed image in the inputs' network, in the inputs' groups."""
    router = inputs["vpcId"]
    return Host(
        id_,
        host_name(name, id_),
        kind,
        "managed",
        router,
        addresses,
        region.resolver(router),
        groups=groups(inputs),
        service=id_,
    )
