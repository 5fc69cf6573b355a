"""What every resource works with: the region's settings, records, network, hosts and addresses."""

import contextlib
import fcntl
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from region import authority, firewall, images, limits, nspawn, routes, settings
from region.errors import RegionError
from region.host_files import Host, all_hosts, find_host, folder
from region.hosts import HostControl
from region.network import INTERNET, Network
from region.records import Record, Records

RESERVED = 4
"""Addresses at a subnet's start that no host gets: network, gateway, resolver and one in reserve."""


class Region:
    """One local region, as its resources see it."""

    def __init__(self, region_settings: settings.RegionSettings) -> None:
        self.settings = region_settings
        self.name = region_settings.name
        self.network = Network(region_settings)
        self.records = Records(region_settings.root / "records")
        self._locks: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
        self._guard = threading.Lock()
        self._leases: set[str] = set()
        self._opened = False

    def open(self) -> None:
        """Join the machine to the region, once per process."""
        with self.locked("network"):
            if not self._opened:
                self.settings.root.mkdir(parents=True, exist_ok=True, mode=0o700)
                # Where `teardown` reads which routes are the region's.
                (self.settings.root / "cidr").write_text(self.settings.cidr)
                limits.raise_limit()
                self.network.open()
                self._opened = True

    @contextlib.contextmanager
    def locked(self, what: str) -> Iterator[None]:
        """Hold `what` against other resources of this process and against other processes."""
        with self._guard:
            lock = self._locks[what]
        with lock:
            self.settings.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.settings.root / f".{what}.lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield

    def get(self, type_: str, id_: str) -> Record:
        """The record of a resource that another one names. Raises `RegionError` when there is none."""
        record = self.records.get(type_, id_)
        if record is None:
            raise RegionError(f"{type_.split(':')[1]} {id_!r} does not exist in region {self.name}")
        return record

    @property
    def images(self) -> Path:
        """The folder of the region's own images."""
        return self.settings.root / "images"

    # Addresses

    def lease_address(self, cidr: str, wanted: str | None = None, *, host_id: str = "") -> str:
        """A free address of a subnet, kept for the host that is about to be prepared.

        What a killed creation of the same host left does not take it away from this one.
        """
        with self.locked("addresses"):
            taken = self._taken(without=host_id)
            if wanted:
                if wanted in taken:
                    raise RegionError(f"address {wanted} is in use in region {self.name}")
                self._leases.add(wanted)
                return wanted
            for address in list(IPv4Network(cidr).hosts())[RESERVED - 1 :]:
                if str(address) not in taken:
                    self._leases.add(str(address))
                    return str(address)
        raise RegionError(f"no address is left in {cidr}")

    def settle(self, address: str) -> None:
        """The host that an address was kept for has it now."""
        with self._guard:
            self._leases.discard(address)

    def lease_public(self, slots: range, *, host_id: str = "") -> str:
        """A free address of the public range, kept for the host that is about to be prepared."""
        with self.locked("addresses"):
            taken = self._taken(without=host_id)
            for slot in slots:
                address = settings.public_address(self.settings, slot)
                if address not in taken:
                    self._leases.add(address)
                    return address
        raise RegionError(f"no public address is left among slots {slots.start}-{slots.stop - 1}")

    def _taken(self, without: str = "") -> set[str]:
        hosts = (host for host in all_hosts(self.name) if host.id != without)
        kept = {record.outputs["publicIp"] for record in self.records.all(routes.EIP) if record.id != without}
        return self._leases | kept | {address for host in hosts for address in host.addresses}

    # Hosts

    def host(self, host_id: str) -> HostControl:
        """The host of that id. Raises `RegionError` when it was never made."""
        host = find_host(self.name, host_id)
        if host is None:
            raise RegionError(f"host {host_id} does not exist in region {self.name}")
        return HostControl(self.settings, host)

    def prepare(self, host: Host) -> HostControl:
        """A fresh host, its root mounted, not booted yet. What a killed try left of it is removed."""
        # Pinned to one build, so that a host keeps its image when a newer one is baked.
        try:
            control = HostControl(self.settings, replace(host, image=images.pin(host.image, self.images)))
            control.delete()
            control.prepare()
            trust(control, authority.ca(self.name))
        finally:
            with self._guard:
                self._leases -= set(host.addresses)
        return control

    def remove_host(self, host_id: str) -> None:
        """Remove a host, if there is one, with its data, and its rules from its router."""
        if host := find_host(self.name, host_id):
            HostControl(self.settings, host).delete()
            if host.router != INTERNET:
                self.refresh_firewall(host.router)

    def has_host(self, host_id: str) -> bool:
        """Whether the host was made and not removed, running or not."""
        return (folder(self.name, host_id) / "host.json").exists()

    def is_running(self, host_id: str) -> bool:
        """Whether the host exists and runs."""
        return self.has_host(host_id) and nspawn.pid_of(folder(self.name, host_id)) is not None

    def resolver(self, vpc_id: str) -> str:
        """The address of a VPC's resolver: the base of its range plus two."""
        return str(
            IPv4Network(
                self.get("tencentcloud:Vpc/instance:Instance", vpc_id).inputs["cidrBlock"]
            ).network_address
            + 2
        )

    # Networks

    def open_vpc(self, vpc_id: str, cidr: str) -> None:
        """Have a VPC's router as it should be: joined to the internet side and to its running hosts, and filtering."""
        self.network.open_vpc(vpc_id, cidr)
        for host in all_hosts(self.name):
            if host.router == vpc_id and self.is_running(host.id):
                self.network.attach(host.id, vpc_id, host.addresses)
        for gateway in self.records.all(routes.NAT):
            if gateway.inputs["vpcId"] == vpc_id:
                for address in gateway.inputs["assignedEipSets"]:
                    self.network.lead(vpc_id, address)
        self.refresh_firewall(vpc_id)

    def refresh_firewall(self, vpc_id: str) -> None:
        """Bring a VPC's router in line with the groups, hosts and routes on record."""
        from region.groups import policies

        services = [settings.public_address(self.settings, settings.STORAGE_SLOT)]
        with self.locked(f"firewall-{vpc_id}"):
            # The internet side filters nothing.
            if vpc_id != INTERNET and self.network.has(vpc_id):
                ways = routes.ways(self.records.all(), vpc_id)
                text = firewall.ruleset(policies(self, vpc_id), ways, services)
                firewall.apply(self.network.namespace(vpc_id), text)


def trust(host: HostControl, ca: str) -> None:
    """Have a host trust the region's CA: beside the public ones, in the bundle that programs read."""
    host.write("/usr/local/share/ca-certificates/shopctl-region.crt", ca)
    bundle = host.root / "etc/ssl/certs/ca-certificates.crt"
    host.write("/etc/ssl/certs/ca-certificates.crt", bundle.read_text().rstrip("\n") + "\n" + ca)


def subnet_of(region: Region, subnet_id: str) -> dict[str, Any]:
    """The inputs of a subnet on record."""
    return region.get("tencentcloud:Subnet/instance:Instance", subnet_id).inputs
