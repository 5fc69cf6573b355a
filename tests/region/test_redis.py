"""A Redis instance as the shop meets it."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from region.hosts import folder, list_hosts
from region.resources.redis import Instance
from region.resources.redis_objects import Account, BackupConfig, Param
from region.services.redis_server import SECRET, UNIT
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


ADMINISTRATION = (
    ("CONFIG", "SET", "maxmemory", "1gb"),
    ("DEBUG", "SLEEP", "0"),
    ("MODULE", "LIST"),
    ("SHUTDOWN", "NOSAVE"),
    ("REPLICAOF", "10.0.0.1", "6379"),
    ("ACL", "SETUSER", "me", "on", "nopass", "+@all"),
    ("SAVE",),
    ("MONITOR",),
)


@pytest.mark.parametrize("command", ADMINISTRATION, ids=[" ".join(each) for each in ADMINISTRATION])
def test_what_a_managed_instance_keeps_for_itself_is_refused(
    shop: "redis.Redis", command: tuple[str, ...]
) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=r"permission|not allowed"):
        shop.execute_command(*command)


def by_hand(lab: Lab, cache: Made, *commands: str) -> None:
    host = lab.region.host(cache[0])
    login = f"AUTH region-admin {(host.root / SECRET.lstrip('/')).read_text()}"
    answers = host.run(["redis-cli"], stdin="\n".join([login, *commands, ""]))
    assert "ERR" not in answers


def drift(lab: Lab, kind: "type[Any]", made: Made) -> dict[str, Any]:
    seen = lab.look(kind, made)
    assert seen is not None
    return {name: value for name, value in seen.items() if made[1].get(name) != value}


def mended(lab: Lab, kind: "type[Any]", made: Made) -> None:
    seen = lab.look(kind, made)
    assert seen is not None
    lab.change(kind, (made[0], seen))
    assert drift(lab, kind, made) == {}


def test_what_was_changed_by_hand_shows_and_is_mended(lab: Lab, cache: Made, shop: "redis.Redis") -> None:
    assert drift(lab, Instance, cache) == {}
    shop.set("cart:2", "kept")
    by_hand(lab, cache, "CONFIG SET maxmemory 100mb", "CONFIG SET maxmemory-policy allkeys-lru")
    assert drift(lab, Instance, cache) == {
        "memSize": 100,
        "paramsTemplateId": "changed by hand: maxmemory-policy",
    }
    mended(lab, Instance, cache)
    by_hand(lab, cache, "ACL SETUSER default resetpass >By_hand_1", "ACL SETUSER intruder on nopass +@all")
    assert drift(lab, Instance, cache) == {"password": ""}
    mended(lab, Instance, cache)
    with client(cache, PASSWORD) as again:
        assert again.get("cart:2") == b"kept"
        assert again.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    with pytest.raises(redis.AuthenticationError), client(cache, None) as intruder:
        intruder.execute_command("AUTH", "intruder", "x")


def test_a_server_or_a_host_that_is_down(lab: Lab, cache: Made, shop: "redis.Redis") -> None:
    shop.set("cart:3", "kept")
    host = lab.region.host(cache[0])
    host.run(["systemctl", "stop", UNIT])
    assert drift(lab, Instance, cache) == {"memSize": 0, "status": "stopped"}
    mended(lab, Instance, cache)
    host.stop()
    assert drift(lab, Instance, cache) == {"memSize": 0, "status": "stopped"}
    assert host.leader() is None, "a read boots nothing"
    mended(lab, Instance, cache)
    with client(cache, PASSWORD) as again:
        assert again.get("cart:3") == b"kept"


def test_accounts_read_or_write_as_their_privilege_says(lab: Lab, cache: Made) -> None:
    common = {"instanceId": cache[0], "readonlyPolicies": ["master"], "accountPassword": "Reader_123"}
    account = lab.make(Account, "reader", {**common, "accountName": "reader", "privilege": "r"})
    window = lab.make(BackupConfig, "window", {"redisId": cache[0], "backupTime": "02:00-03:00"})
    once = Retry(NoBackoff(), 0)

    def login(password: str) -> "redis.Redis":
        return redis.Redis(cache[1]["ip"], cache[1]["port"], username="reader", password=password, retry=once)

    with login("Reader_123") as reader:
        assert reader.get("nothing") is None
        with pytest.raises(redis.exceptions.NoPermissionError):
            reader.set("mine", "1")
    assert [
        drift(lab, *each) for each in ((Account, account), (BackupConfig, window), (Instance, cache))
    ] == [{}, {}, {}]
    lab.reboot(cache[0])
    account = lab.change(Account, account, privilege="rw", accountPassword="Writer_123")
    with login("Writer_123") as writer:
        assert writer.set("mine", "1")
    by_hand(lab, cache, "ACL SETUSER reader resetpass >By_hand_1")
    assert drift(lab, Account, account) == {"accountPassword": ""}
    mended(lab, Account, account)
    by_hand(lab, cache, "ACL DELUSER reader")
    assert lab.look(Account, account) is None
    mended(lab, Instance, cache)
    lab.remove(Account, account)
    with pytest.raises(redis.AuthenticationError), login("Writer_123") as gone:
        gone.ping()


def test_parameters_are_set_kept_and_watched(lab: Lab, cache: Made) -> None:
    asked = {"timeout": "300", "notify-keyspace-events": "KEA", "disable-command-list": "flushall"}
    made = lab.make(Param, "param", {"instanceId": cache[0], "instanceParams": asked})
    assert drift(lab, Param, made) == drift(lab, Instance, cache) == {}
    lab.reboot(cache[0])
    with client(cache, PASSWORD) as connection:
        assert connection.config_get("timeout") == {"timeout": "300"}
    assert drift(lab, Param, made) == drift(lab, Instance, cache) == {}
    by_hand(lab, cache, "CONFIG SET timeout 5")
    assert drift(lab, Param, made) == {"instanceParams": {**asked, "timeout": "5"}}
    mended(lab, Param, made)
    lab.remove(Param, made)
    with client(cache, PASSWORD) as connection:
        assert connection.config_get("timeout") == {"timeout": "0"}


def test_name_and_port_change_while_it_runs(lab: Lab, cache: Made) -> None:
    changed = lab.change(Instance, cache, name="renamed", port=6390)
    try:
        with client(changed, PASSWORD) as connection:
            assert connection.ping()
        assert lab.run(cache, "hostname").strip() == "renamed"
        assert drift(lab, Instance, changed) == {}
    finally:
        lab.change(Instance, changed, name="shop_test cache", port=6379)
