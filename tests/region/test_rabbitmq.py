"""A RabbitMQ cluster as the shop meets it."""

import base64
import http.client
from typing import Any

import pika
import pika.exceptions
import pytest

from region.resources.rabbitmq import Instance
from region.resources.rabbitmq_objects import Permission, User, VirtualHost
from region.services.rabbitmq_api import UNIT, Api, api_of, path
from tests.region.conftest import Lab, Made

pytestmark = [pytest.mark.region, pytest.mark.slow]

PASSWORD = 'Rq1_+-&="\\!@#$%^*()'
EVERYTHING = {"configRegexp": ".*", "writeRegexp": ".*", "readRegexp": ".*"}


@pytest.fixture(scope="module")
def cluster(lab: Lab) -> Made:
    network = {name: lab.network[name] for name in ("vpcId", "subnetId")}
    inputs = {**network, "clusterName": "shop-rabbitmq", "zoneIds": [1], "nodeSpec": "rabbit-vip-basic-1"}
    return lab.make(Instance, "cluster", inputs)


@pytest.fixture(scope="module")
def shop(lab: Lab, cluster: Made) -> dict[str, Made]:
    inside = {"instanceId": cluster[0]}
    host = lab.make(VirtualHost, "vhost", {**inside, "virtualHost": "shop", "description": "The shop"})
    user = lab.make(User, "user", {**inside, "user": "shop", "password": PASSWORD})
    permission = {**inside, "user": "shop", "virtualHost": "shop", **EVERYTHING}
    return {"host": host, "user": user, "permission": lab.make(Permission, "permission", permission)}


def connect(cluster: Made, user: str, password: str, vhost: str = "shop") -> pika.BlockingConnection:
    address, _, port = cluster[1]["vpcs"][0]["vpcEndpoint"].partition(":")
    credentials = pika.PlainCredentials(user, password)
    return pika.BlockingConnection(
        pika.ConnectionParameters(address, int(port), vhost, credentials, socket_timeout=5)
    )


def test_only_the_shop_and_only_its_password_open_it(cluster: Made, shop: dict[str, Made]) -> None:
    connect(cluster, "shop", PASSWORD).close()
    for user, password in (("shop", "Wrong_123"), ("guest", "guest")):
        with pytest.raises(pika.exceptions.ProbableAuthenticationError):
            connect(cluster, user, password)
    with pytest.raises(pika.exceptions.ProbableAccessDeniedError):
        connect(cluster, "shop", PASSWORD, "/")


def test_a_confirmed_message_survives_a_power_cut(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    connection = connect(cluster, "shop", PASSWORD)
    channel = connection.channel()
    channel.queue_declare("orders", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "orders", b"order 1", pika.BasicProperties(delivery_mode=2))
    connection.close()
    lab.crash(cluster[0])
    connection = connect(cluster, "shop", PASSWORD)
    assert connection.channel().basic_get("orders", auto_ack=True)[2] == b"order 1"
    connection.close()


def test_permissions_are_those_asked_for(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    narrow = lab.change(Permission, shop["permission"], configRegexp="^mine$")
    try:
        seen = lab.look(Permission, narrow)
        assert seen
        assert seen["configRegexp"] == "^mine$"
        connection = connect(cluster, "shop", PASSWORD)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="configure access"):
            connection.channel().queue_declare("theirs")
        connection.close()
    finally:
        lab.change(Permission, narrow, **EVERYTHING)


def test_a_users_password_and_limits_change(lab: Lab, cluster: Made) -> None:
    inputs = {"instanceId": cluster[0], "user": "job", "password": PASSWORD}
    user = lab.make(User, "job", inputs)
    permission = {"instanceId": cluster[0], "user": "job", "virtualHost": "/", **EVERYTHING}
    lab.make(Permission, "job", permission)
    user = lab.change(User, user, password="Another_1234", maxConnections=1)
    with pytest.raises(pika.exceptions.ProbableAuthenticationError):
        connect(cluster, "job", PASSWORD, "/")
    connection = connect(cluster, "job", "Another_1234", "/")
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(cluster, "job", "Another_1234", "/")
    connection.close()
    lab.remove(User, user)
    assert lab.look(User, user) is None
    lab.remove(User, user)


def test_what_stands_in_a_cluster_that_is_gone_is_gone(lab: Lab) -> None:
    outputs = {"instanceId": "amqp-00000000", "virtualHost": "x", "user": "x"}
    for kind in (VirtualHost, User, Permission):
        assert lab.look(kind, ("x", outputs)) is None
        lab.remove(kind, ("x", outputs))


def drift(lab: Lab, kind: Any, made: Made) -> dict[str, Any]:
    seen = lab.look(kind, made)
    assert seen is not None
    return {name: value for name, value in seen.items() if made[1].get(name) != value}


def mended(lab: Lab, kind: Any, made: Made) -> None:
    seen = lab.look(kind, made)
    assert seen is not None
    lab.change(kind, (made[0], seen))
    assert drift(lab, kind, made) == {}


def by_hand(lab: Lab, cluster: Made) -> Api:
    api = api_of(lab.region, cluster[0])
    assert api
    return api


def test_what_was_changed_by_hand_shows_and_is_mended(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    kinds = {"host": VirtualHost, "user": User, "permission": Permission}
    assert {name: drift(lab, kind, shop[name]) for name, kind in kinds.items()} == {
        name: {} for name in kinds
    }
    api = by_hand(lab, cluster)
    api.put(path("users", "shop"), {"password": "By_hand_1", "tags": "administrator"})
    api.put(path("user-limits", "shop", "max-channels"), {"value": 7})
    api.put(path("permissions", "shop", "shop"), {"configure": "", "write": ".*", "read": ".*"})
    api.put(path("vhosts", "shop"), {"description": "by hand", "tracing": True})
    assert drift(lab, User, shop["user"]) == {"password": "", "tags": ["administrator"], "maxChannels": 7}
    assert drift(lab, Permission, shop["permission"]) == {"configRegexp": ""}
    assert drift(lab, VirtualHost, shop["host"]) == {"description": "by hand", "traceFlag": True}
    for name, kind in kinds.items():
        mended(lab, kind, shop[name])
    connect(cluster, "shop", PASSWORD).close()


def test_what_was_removed_by_hand_is_made_again(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    api = by_hand(lab, cluster)
    api.delete(path("users", "shop"))
    assert lab.look(User, shop["user"]) is None
    assert lab.look(Permission, shop["permission"]) is None
    for kind, name in ((User, "user"), (Permission, "permission")):
        lab.change(kind, shop[name])
    connect(cluster, "shop", PASSWORD).close()


def test_a_node_or_a_host_that_is_down(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    host = lab.region.host(cluster[0])
    host.run(["systemctl", "stop", UNIT])
    assert drift(lab, Instance, cluster) == {"nodeNum": 0}
    assert drift(lab, User, shop["user"]) == {}, "it can't be looked at, and is not lost"
    mended(lab, Instance, cluster)
    host.stop()
    assert drift(lab, Instance, cluster) == {"nodeNum": 0}
    assert host.leader() is None, "a read boots nothing"
    mended(lab, Instance, cluster)
    connect(cluster, "shop", PASSWORD).close()


def test_nobody_administers_a_managed_cluster(lab: Lab, cluster: Made) -> None:
    tags = ["monitoring", "administrator"]
    user = lab.make(
        User, "monitor", {"instanceId": cluster[0], "user": "monitor", "password": PASSWORD, "tags": tags}
    )
    assert drift(lab, User, user) == {}
    assert console(cluster, "GET", "overview") == 200
    assert (
        console(cluster, "PUT", "users/intruder", '{"password": "Ab_12345", "tags": "administrator"}') == 401
    )
    assert console(cluster, "GET", "overview", user="shop") == 401
    lab.remove(User, user)


def console(cluster: Made, method: str, where: str, body: str = "", user: str = "monitor") -> int:
    address = cluster[1]["vpcs"][0]["vpcEndpoint"].partition(":")[0]
    connection = http.client.HTTPConnection(address, 15672, timeout=10)
    key = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    connection.request(method, f"/api/{where}", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_name_and_specification_change_while_it_stays(lab: Lab, cluster: Made, shop: dict[str, Made]) -> None:
    changed = lab.change(Instance, cluster, clusterName="renamed", nodeSpec="rabbit-vip-basic-2")
    try:
        assert lab.run(cluster, "hostname").strip() == "renamed"
        connect(cluster, "shop", PASSWORD).close()
    finally:
        lab.change(Instance, changed, clusterName="shop-rabbitmq", nodeSpec="rabbit-vip-basic-1")


def test_what_was_made_by_hand_can_be_imported(lab: Lab, cluster: Made) -> None:
    api = by_hand(lab, cluster)
    api.put(path("vhosts", "found"), {"description": "by hand"})
    api.put(path("users", "found"), {"password": "Found_123", "tags": "monitoring"})
    api.put(path("permissions", "found", "found"), {"configure": "", "write": "a", "read": ".*"})
    inside = {"instanceId": cluster[0]}
    assert VirtualHost(lab.region).adopt(f"{cluster[0]}#found") == (
        {**inside, "virtualHost": "found", "description": "by hand"},
        {},
    )
    user = {**inside, "user": "found", "password": "", "tags": ["monitoring"]}
    assert User(lab.region).adopt(f"{cluster[0]}#found") == (user, {})
    rights = {
        "user": "found",
        "virtualHost": "found",
        "configRegexp": "",
        "writeRegexp": "a",
        "readRegexp": ".*",
    }
    assert Permission(lab.region).adopt(f"{cluster[0]}#found#found") == ({**inside, **rights}, {})
    assert User(lab.region).adopt(f"{cluster[0]}#nobody") is None
    api.delete(path("users", "found"))
    api.delete(path("vhosts", "found"))


def test_a_user_that_is_renamed_is_not_there_under_its_old_name(lab: Lab, cluster: Made) -> None:
    user = lab.make(User, "before", {"instanceId": cluster[0], "user": "before", "password": PASSWORD})
    renamed = lab.change(User, user, user="after")
    assert lab.look(User, renamed) == renamed[1]
    assert lab.look(User, user) is None
    lab.remove(User, renamed)
