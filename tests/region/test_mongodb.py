"""A MongoDB instance as the shop meets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from region.errors import RegionError
from region.resources.mongodb import OWNER, Instance, InstanceAccount
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
