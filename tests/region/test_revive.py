"""A restart of the machine: every process, namespace and mount is gone, and the region comes back with its data."""

import pymysql

from region import limits, teardown
from region.hosts import list_hosts
from region.process import run
from region.region import Region
from region.resources.mysql import Instance as Mysql
from region.revive import down, revive
from tests.region.conftest import SETTINGS, Lab

PASSWORD = "Region-test-1"


def lose_everything_that_runs() -> None:
    """What a restart of the machine leaves: the files."""
    remains = teardown.find(SETTINGS.name)
    teardown._end(remains.processes)
    for mount in remains.mounts:
        run(["umount", mount])
    for namespace in remains.namespaces:
        run(["ip", "netns", "delete", namespace])
    for link in remains.links:
        run(["ip", "link", "delete", link], check=False)
    for route in teardown.find(SETTINGS.name).routes:
        run(["ip", "route", "delete", *route.split()])


def test_the_region_comes_back_with_its_data(lab: Lab) -> None:
    inputs = {
        "instanceName": "revived",
        "memSize": 1000,
        "volumeSize": 25,
        "rootPassword": PASSWORD,
        **lab.network,
    }
    _, outputs = lab.make(Mysql, "revived", inputs)
    address = str(outputs["intranetIp"])

    def ask(sql: str) -> object:
        connection = pymysql.connect(host=address, user="root", password=PASSWORD, autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    ask("CREATE DATABASE kept")
    before = {host.name for host in list_hosts(SETTINGS.name)}
    lose_everything_that_runs()
    region = Region(SETTINGS)
    assert {host.name for host in down(region)} == before

    lines: list[str] = []
    revived = revive(region, lines.append)
    assert {host.name for host in revived} == before
    assert any("revived" in line and "was down: started" in line for line in lines)
    assert all(host.state == "running" for host in list_hosts(SETTINGS.name))
    database = next(host for host in revived if host.kind == "mysql")
    region.host(database.id).wait_for(["mariadb-admin", "ping"], "MariaDB")
    assert ("kept",) in ask("SHOW DATABASES")  # type: ignore[operator]
    assert down(region) == []
    assert revive(region, lines.append) == []
    assert limits.SETTING.read_text().strip() == str(limits.WANTED)
