"""The servers that the shop stands on, in a region of their own: MySQL with a replica, Redis, MongoDB, RabbitMQ, S3.

`python -m tests.shop.servers up` leaves them running for the next test runs; `down` removes them. Without it each run
brings up its own.
"""

import argparse
import json
import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from region import storage, teardown
from region.region import Region
from region.resources.bucket import Bucket
from region.resources.mongodb import Instance as Mongodb
from region.resources.mongodb import InstanceAccount
from region.resources.mysql import Instance as Mysql
from region.resources.mysql_readonly import ReadonlyInstance
from region.resources.rabbitmq import Instance as Rabbitmq
from region.resources.rabbitmq_objects import User
from region.resources.redis import Instance as Redis
from region.settings import RegionSettings
from shopctl import image
from shopctl.environment import Environment
from shopctl.report import Report
from tests.region.conftest import Lab, laboratory

SETTINGS = RegionSettings("rshop", "10.90.0.0/16", "10.90.240.0/20", "10.90.255.1")
KEPT = Path("/run/shopctl-tests-shop.json")
PASSWORD = "Unit_1234abcd"
SIZE = {"memSize": 1000, "volumeSize": 25}


@dataclass(frozen=True)
class Servers:
    """Addresses, and the ids of the hosts for those who want to stop one. All take `PASSWORD`."""

    mysql: str
    replica: str
    redis: str
    mongodb: str
    mongodb_port: int
    rabbitmq: str
    s3: str
    s3_access: str
    s3_secret: str
    ca: str
    hosts: dict[str, str]


def make(lab: Lab) -> Servers:
    """Bring up each server; the slow ones at the same time."""
    network = {name: lab.network[name] for name in ("vpcId", "subnetId")}
    inside = {**lab.network, "availabilityZone": "ap-guangzhou-3"}
    parameters = {"transaction_isolation": "READ-COMMITTED", "character_set_server": "utf8mb4"}

    def mysql() -> tuple[str, str, str, str]:
        instance = {"instanceName": "unit", "engineVersion": "8.0", "rootPassword": PASSWORD}
        primary = lab.make(Mysql, "mysql", {**lab.network, **SIZE, **instance, "parameters": parameters})
        inputs = {**lab.network, **SIZE, "instanceName": "unit-ro", "masterInstanceId": primary[0]}
        replica = lab.make(ReadonlyInstance, "replica", inputs)
        return primary[0], primary[1]["intranetIp"], replica[0], replica[1]["intranetIp"]

    def mongodb() -> tuple[str, str, int]:
        size = {"memory": 2, "volume": 25, "engineVersion": "MONGO_50_WT", "machineType": "HIO10G"}
        named = {"instanceName": "unit", "availableZone": "z", "password": PASSWORD}
        made = lab.make(Mongodb, "mongodb", {**lab.network, **size, **named})
        account = {"instanceId": made[0], "userName": "shop", "password": PASSWORD}
        lab.make(InstanceAccount, "account", {**account, "mongoUserPassword": PASSWORD})
        return made[0], made[1]["vip"], made[1]["vport"]

    def rabbitmq() -> tuple[str, str]:
        inputs = {**network, "clusterName": "unit", "zoneIds": [1], "nodeSpec": "rabbit-vip-basic-1"}
        made = lab.make(Rabbitmq, "rabbitmq", inputs)
        lab.make(User, "user", {"instanceId": made[0], "user": "shop", "password": PASSWORD})
        return made[0], made[1]["vpcs"][0]["vpcEndpoint"].partition(":")[0]

    def redis() -> tuple[str, str]:
        named = {"name": "unit", "memSize": 256, "typeId": 17, "password": PASSWORD}
        made = lab.make(Redis, "redis", {**inside, **named})
        return made[0], made[1]["ip"]

    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(one) for one in (mysql, mongodb, rabbitmq, redis)]
        lab.make(Bucket, "bucket", {"bucket": "unit-1250000000"})
        m, d, q, r = (one.result() for one in waiting)
    access, secret = storage._administrator(lab.region)
    hosts = {
        "mysql": m[0],
        "replica": m[2],
        "mongodb": d[0],
        "rabbitmq": q[0],
        "redis": r[0],
        "s3": storage.HOST,
    }
    ca = str(SETTINGS.root / "authority/ca.pem")
    s3 = storage.endpoint(lab.region)
    return Servers(m[1], m[3], r[1], d[1], d[2], q[1], s3, access, secret, ca, hosts)


@contextmanager
def running() -> Iterator[Servers]:
    """The kept servers, or such as end with the block."""
    kept = _kept()
    if kept:
        yield kept
        return
    image.ensure(Environment.load("test"), Report(quiet=True))
    with laboratory(SETTINGS) as lab:
        yield make(lab)


def _kept() -> Servers | None:
    """The servers that were left running, if they still do: a restart of the machine ends them and not the file."""
    if not KEPT.exists():
        return None
    found = Servers(**json.loads(KEPT.read_text()))
    try:
        socket.create_connection((found.mysql, 3306), 1).close()
    except OSError:
        return None
    return found


def region() -> Region:
    """The servers' region, for stopping one of its hosts."""
    return Region(SETTINGS)


def main(words: list[str]) -> int:
    """Bring the servers up for good, or remove them."""
    parser = argparse.ArgumentParser(prog="python -m tests.shop.servers", description=__doc__)
    parser.add_argument("what", choices=["up", "down"])
    if parser.parse_args(words).what == "down":
        KEPT.unlink(missing_ok=True)
        teardown.destroy(SETTINGS.name)
        return 0
    image.ensure(Environment.load("test"), Report(quiet=True))
    with laboratory(SETTINGS) as lab:
        KEPT.write_text(json.dumps(asdict(make(lab))))
        print(KEPT.read_text(), flush=True)
        # The servers outlive this process: leaving the block would take them away.
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
