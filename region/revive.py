"""Bringing a region up again as it was: after a restart of the machine, or where a host has died.

What was asked for is on record, and every host's disk is in its folder; only what runs is gone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from region.hosts import Host, HostControl, all_hosts, list_hosts
from region.region import Region

VPC = "tencentcloud:Vpc/instance:Instance"
OF_THE_REGION = ("resolver", "storage", "wechat")
"""Kinds of hosts that are no resource of their own."""


def down(region: Region) -> list[Host]:
    """The hosts that should run and don't. One that was never finished is not among them: it will be made anew."""
    if not region.settings.root.exists():
        return []
    # An instance that was asked to be stopped stays so.
    known = {record.id for record in region.records.all() if record.inputs.get("runningFlag") is not False}
    running = {host.id for host in list_hosts(region.name) if host.state == "running"}
    wanted = [
        host
        for host in all_hosts(region.name)
        if host.kind in OF_THE_REGION or known & {host.id, host.id.removesuffix("-s")}
    ]
    return [host for host in wanted if host.id not in running]


def revive(region: Region, report: Callable[[str], None]) -> list[Host]:
    """Start what is down, networks first; returns the hosts that were started.

    Raises `RegionError` naming the host that does not come up, with its console's last lines.
    """
    hosts = down(region)
    if not hosts:
        return []
    region.open()
    for vpc in region.records.all(VPC):
        region.open_vpc(vpc.id, vpc.inputs["cidrBlock"])

    def start(host: Host) -> Host:
        HostControl(region.settings, host).boot()
        report(f"host {host.name} ({host.kind}) was down: started")
        return host

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(start, hosts))
