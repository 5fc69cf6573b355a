"""A Redis instance as the shop meets it."""

from collections.abc import Iterator

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from region.hosts import folder, list_hosts
from region.resources.redis import Instance
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

PASSWORD = 'Rd1_+-&="\\!@#$%^*()'


@pytest.fixture(scope="module")
def cache(lab: Lab) -> Made:
    inputs = {**lab.network, "name": "shop_test cache", "memSize": 256, "typeId": 17, "password": PASSWORD}
    return lab.make(Instance, "redis", {**inputs, "availabilityZone": "ap-guangzhou-3"})


def client(made: Made, password: str | None) -> "redis.Redis":
    once = Retry(NoBackoff(), 0)
    return redis.Redis(made[1]["ip"], made[1]["port"], password=password, socket_timeout=5, retry=once)


@pytest.fixture
def shop(cache: Made) -> Iterator["redis.Redis"]:
    with client(cache, PASSWORD) as connection:
        yield connection


def test_only_the_password_opens_it(cache: Made, shop: "redis.Redis") -> None:
    assert shop.ping()
    with client(cache, "Wrong_123") as wrong, pytest.raises(redis.AuthenticationError):
        wrong.ping()
    with client(cache, None) as nobody, pytest.raises(redis.AuthenticationError):
        nobody.get("anything")


def test_what_was_written_survives_a_restart_of_its_host(lab: Lab, cache: Made, shop: "redis.Redis") -> None:
    shop.set("session:1", "kept")
    lab.reboot(cache[0])
    with client(cache, PASSWORD) as again:
        assert again.get("session:1") == b"kept"


def test_password_and_memory_change_while_it_runs(lab: Lab, cache: Made) -> None:
    with client(cache, PASSWORD) as before:
        before.set("cart:1", "kept")
        changed = lab.change(Instance, cache, password="Another_1234", memSize=512)
        assert before.get("cart:1") == b"kept", "a connection of before stays"
    try:
        with pytest.raises(redis.AuthenticationError), client(cache, PASSWORD) as old:
            old.ping()
        lab.reboot(cache[0])
        with client(cache, "Another_1234") as new:
            assert new.config_get("maxmemory") == {"maxmemory": str(512 << 20)}
            assert new.get("cart:1") == b"kept"
    finally:
        lab.change(Instance, changed, password=PASSWORD, memSize=256)


def test_a_second_creation_after_a_killed_one_starts_afresh(lab: Lab) -> None:
    inputs = {**lab.network, "name": "twice", "memSize": 64, "password": PASSWORD, "availabilityZone": "z"}
    resource = Instance(lab.region)
    id_ = resource.id_for("twice", inputs)
    first = resource.create(id_, inputs)
    second = resource.create(id_, inputs)
    assert first["ip"] == second["ip"]
    with client((id_, second), PASSWORD) as connection:
        assert connection.ping()
    resource.delete(id_, second)
    assert not folder(lab.region.name, id_).exists()
    assert id_ not in {host.id for host in list_hosts(lab.region.name)}
    resource.delete(id_, second)


def test_a_removed_host_is_seen_as_gone(lab: Lab) -> None:
    inputs = {**lab.network, "name": "gone", "memSize": 64, "password": PASSWORD, "availabilityZone": "z"}
    made = lab.make(Instance, "gone", inputs)
    seen = lab.look(Instance, made)
    assert seen
    assert seen["status"] == "online"
    lab.region.remove_host(made[0])
    assert lab.look(Instance, made) is None
    lab.remove(Instance, made)
