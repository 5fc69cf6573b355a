"""A RabbitMQ cluster as the shop meets it."""

import pika
import pika.exceptions
import pytest

from region.resources.rabbitmq import Instance
from region.resources.rabbitmq_objects import Permission, User, VirtualHost
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
