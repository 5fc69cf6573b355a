"""A MongoDB instance as the shop meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from region.errors import RegionError
from region.resources.mongodb import OWNER, UNIT, Instance, InstanceAccount, InstanceBackupRule
from region.services.mongodb_users import Users
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

PASSWORD = "Mg1_+-&=!@#$%^*()"
REFUSED, UNKNOWN = 18, 13


@pytest.fixture(scope="module")
def instance(lab: Lab) -> Made:
    size = {"memory": 2, "volume": 25, "engineVersion": "MONGO_50_WT", "machineType": "HIO10G"}
    inputs = {
        **lab.network,
        **size,
        "instanceName": "shop-mongodb",
        "availableZone": "z",
        "password": PASSWORD,
    }
    return lab.make(Instance, "mongodb", inputs)


@pytest.fixture(scope="module")
def account(lab: Lab, instance: Made) -> Made:
    inputs = {
        "instanceId": instance[0],
        "userName": "shop",
        "password": "Shop_1234",
        "mongoUserPassword": PASSWORD,
    }
    return lab.make(InstanceAccount, "account", inputs)


@contextmanager
def client(
    instance: Made, username: str | None = None, password: str = ""
) -> Iterator[MongoClient[dict[str, Any]]]:
    address, port = instance[1]["vip"], instance[1]["vport"]
    with MongoClient[dict[str, Any]](
        address,
        port,
        authSource="admin",
        serverSelectionTimeoutMS=5000,
        username=username,
        password=password if username else None,
    ) as connection:
        yield connection


def test_accounts_open_it_with_their_passwords_only(instance: Made, account: Made) -> None:
    for name, password in ((OWNER, PASSWORD), ("shop", "Shop_1234")):
        with client(instance, username=name, password=password) as connection:
            assert connection.shop.products.count_documents({}) >= 0
        with client(instance, username=name, password="Wrong_123") as connection:
            with pytest.raises(OperationFailure) as refused:
                connection.shop.products.count_documents({})
            assert refused.value.code == REFUSED
    with client(instance) as connection:
        with pytest.raises(OperationFailure) as unknown:
            connection.shop.products.count_documents({})
        assert unknown.value.code == UNKNOWN


def test_documents_survive_a_power_cut(lab: Lab, instance: Made, account: Made) -> None:
    with client(instance, username="shop", password="Shop_1234") as connection:
        connection.shop.products.insert_one({"_id": 1, "name": "tea"})
    lab.crash(instance[0])
    with client(instance, username="shop", password="Shop_1234") as connection:
        assert connection.shop.products.find_one({"_id": 1}) == {"_id": 1, "name": "tea"}


def test_passwords_change(lab: Lab, instance: Made, account: Made) -> None:
    owner = lab.change(Instance, instance, password="Another_1234")
    changed = lab.change(InstanceAccount, account, password="Else_1234", mongoUserPassword="Another_1234")
    try:
        for name, password in ((OWNER, "Another_1234"), ("shop", "Else_1234")):
            with client(instance, username=name, password=password) as connection:
                assert connection.shop.products.count_documents({}) >= 0
        with (
            client(instance, username="shop", password="Shop_1234") as connection,
            pytest.raises(OperationFailure),
        ):
            connection.shop.products.count_documents({})
    finally:
        lab.change(Instance, owner, password=PASSWORD)
        lab.change(InstanceAccount, changed, password="Shop_1234", mongoUserPassword=PASSWORD)


def test_an_account_needs_the_owners_password(lab: Lab, instance: Made) -> None:
    inputs = {
        "instanceId": instance[0],
        "userName": "job",
        "password": "Job_12345",
        "mongoUserPassword": "Wrong_123",
    }
    with pytest.raises(RegionError, match="mongoUserPassword"):
        lab.make(InstanceAccount, "job", inputs)


def test_a_removed_account_is_gone(lab: Lab, instance: Made) -> None:
    inputs = {
        "instanceId": instance[0],
        "userName": "job",
        "password": "Job_12345",
        "mongoUserPassword": PASSWORD,
    }
    job = lab.make(InstanceAccount, "job", inputs)
    lab.remove(InstanceAccount, job)
    assert lab.look(InstanceAccount, job) is None
    lab.remove(InstanceAccount, job)
    with (
        client(instance, username="job", password="Job_12345") as connection,
        pytest.raises(OperationFailure),
    ):
        connection.shop.products.count_documents({})


def drift(lab: Lab, kind: Any, made: Made) -> dict[str, Any]:
    seen = lab.look(kind, made)
    assert seen is not None
    return {name: value for name, value in seen.items() if made[1].get(name) != value}


def mended(lab: Lab, kind: Any, made: Made) -> None:
    seen = lab.look(kind, made)
    assert seen is not None
    lab.change(kind, (made[0], seen))
    assert drift(lab, kind, made) == {}


def test_passwords_that_were_changed_by_hand_show_and_are_mended(
    lab: Lab, instance: Made, account: Made
) -> None:
    assert drift(lab, Instance, instance) == drift(lab, InstanceAccount, account) == {}
    users = Users(lab.region.host(instance[0]))
    for name in (OWNER, "shop"):
        users.put(name, "By_hand_1")
    for kind, made in ((Instance, instance), (InstanceAccount, account)):
        assert drift(lab, kind, made) == {"password": ""}
        mended(lab, kind, made)
    users.drop("shop")
    assert lab.look(InstanceAccount, account) is None
    lab.change(InstanceAccount, account)
    assert drift(lab, InstanceAccount, account) == {}


def test_a_server_or_a_host_that_is_down(lab: Lab, instance: Made, account: Made) -> None:
    host = lab.region.host(instance[0])
    host.run(["systemctl", "stop", UNIT])
    assert drift(lab, Instance, instance) == {"memory": 0, "status": -2}
    assert drift(lab, InstanceAccount, account) == {}, "it can't be looked at, and is not lost"
    mended(lab, Instance, instance)
    host.stop()
    assert drift(lab, Instance, instance) == {"memory": 0, "status": -2}
    assert host.leader() is None, "a read boots nothing"
    mended(lab, Instance, instance)
    assert drift(lab, InstanceAccount, account) == {}


def test_a_backup_rule_is_kept_within_its_ranges(lab: Lab, instance: Made) -> None:
    inputs = {"instanceId": instance[0], "backupMethod": 0, "backupTime": 2, "backupRetentionPeriod": 7}
    rule = lab.make(InstanceBackupRule, "rule", inputs)
    assert drift(lab, InstanceBackupRule, rule) == {}
    kind = InstanceBackupRule(lab.region)
    assert [name for name, _ in kind.check({**inputs, "backupTime": 24, "backupMethod": 2})] == [
        "backupMethod",
        "backupTime",
    ]
