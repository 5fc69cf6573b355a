"""How long many hosts take to boot side by side, in a region of their own that goes afterwards."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench import memory
from bench.figures import Figure
from region import teardown
from region.records import Record
from region.region import Region
from region.resources.base import Properties, Resource
from region.resources.instance import Instance
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import REGIONS_ROOT, RegionSettings

SETTINGS = RegionSettings("bench", "10.145.0.0/16", "10.145.240.0/20", "10.145.255.1")
ZONE = "ap-guangzhou-3"
PARALLEL = 16
"""As many at once as the engine makes (shopctl/drivers/engine.py)."""
LIMITS = {20: 20.0, 50: 60.0}
"""Seconds that so many hosts may take."""


def make(region: Region, kind: type[Resource], name: str, inputs: Properties) -> str:
    """Make a resource as the provider does, and put it on record; returns its id."""
    resource = kind(region)
    id_ = resource.id_for(name, inputs)
    outputs = {**inputs, **resource.create(id_, inputs)}
    region.records.put(Record(id_, kind.type, name, inputs, outputs))
    resource.settled(outputs)
    return id_


def boot(count: int) -> Figure:
    """Seconds until `count` hosts answer by SSH, from nothing but their image and an empty network."""
    teardown.destroy(SETTINGS.name)
    region = Region(SETTINGS)
    try:
        region.open()
        vpc = make(region, Vpc, "vpc", {"name": "bench", "cidrBlock": "10.145.0.0/18"})
        subnet_inputs = {
            "name": "hosts",
            "vpcId": vpc,
            "cidrBlock": "10.145.1.0/24",
            "availabilityZone": ZONE,
        }
        subnet = make(region, Subnet, "subnet", subnet_inputs)

        def host(number: int) -> str:
            name = f"host-{number}"
            inputs = {"hostname": name, "availabilityZone": ZONE, "imageId": "img-host", "vpcId": vpc}
            return make(region, Instance, name, {**inputs, "subnetId": subnet})

        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=PARALLEL) as pool:
            list(pool.map(host, range(count)))
        seconds = time.monotonic() - began
        used = memory.by_host(REGIONS_ROOT / SETTINGS.name / "hosts")
        mine = [size for name, size in used.items() if name.startswith("host-")]
    finally:
        teardown.destroy(SETTINGS.name)
    each = {"seconds": seconds / count, "MiB of memory": sum(mine) / len(mine) / 2**20}
    return Figure(f"{count} hosts answer", seconds, LIMITS[count], "s", each=each)
