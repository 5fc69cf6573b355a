"""A balancer before two real web hosts."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from region.errors import RegionError
from region.resources.clb import Attachment, Balancer, Listener, Redirection, Rule
from tests.region.balancer import (
    OTHER,
    SHOP,
    VIP,
    Get,
    Scene,
    answers,
    attached,
    certify,
    edit,
    getter,
    make_scene,
    serial,
    serves,
    start,
)
from tests.region.conftest import NET, Lab, Made, fetch, until

pytestmark = [pytest.mark.region, pytest.mark.slow]


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Scene:
    """The balancer of this module's tests."""
    return make_scene(lab)


@pytest.fixture
def get(scene: Scene, trust: str) -> Get:
    """GET from the secure listener."""
    return getter(trust)


@pytest.fixture
def both(scene: Scene, get: Get) -> Iterator[Made]:
    """Both hosts attached."""
    with attached(scene, get) as made:
        yield made


def test_requests_go_to_both_in_turn(both: Made, get: Get) -> None:
    assert answers(get) == {"one": 5, "two": 5}


def test_a_weight_of_zero_takes_a_host_out_and_a_weight_brings_it_back(
    scene: Scene, both: Made, get: Get
) -> None:
    scene.lab.change(Attachment, both, targets=scene.targets(one=0, two=10))
    until(lambda: serves(get, two=4), 5)
    assert answers(get) == {"two": 10}
    scene.lab.change(Attachment, both, targets=scene.targets(one=30, two=10))
    until(lambda: serves(get, one=3, two=1), 5)
    assert answers(get, 8) == {"one": 6, "two": 2}


def test_a_stopped_backend_is_out_and_a_started_one_in_within_the_times_of_its_check(
    scene: Scene, both: Made, get: Get
) -> None:
    lab, one = scene.lab, scene.hosts["one"]
    lab.run(one, "mv", "/srv/web/healthz", "/srv/web/ill")
    # Its process answers yet: only the check can tell. Two checks in a row, 2 s apart, and 1 s for an answer.
    until(lambda: answers(get, 4) == {"two": 4}, 6)
    lab.run(one, "mv", "/srv/web/ill", "/srv/web/healthz")
    until(lambda: answers(get, 4) == {"one": 2, "two": 2}, 6)
    lab.run(one, "systemctl", "stop", "backend")
    try:
        assert answers(get) == {"two": 10}, (
            "a refused connection is tried elsewhere before the check has noticed"
        )
    finally:
        start(lab, one)
    until(lambda: answers(get, 4) == {"one": 2, "two": 2}, 6)


def test_without_targets_and_after_their_removal_it_answers_503(scene: Scene, get: Get) -> None:
    made = scene.attachment("passing", one=10)
    until(lambda: serves(get, one=2), 5)
    scene.lab.remove(Attachment, made)
    until(lambda: get().status == 503, 5)


def test_targets_are_reached_past_their_groups_by_the_balancer_alone(
    scene: Scene, both: Made, get: Get
) -> None:
    one, two = scene.hosts["one"], scene.hosts["two"]
    assert scene.lab.knock(one, two[1]["privateIp"], 80) == "dropped"
    assert answers(get, 2) == {"one": 1, "two": 1}


def test_plain_requests_are_led_to_the_secure_port_with_host_and_path(scene: Scene) -> None:
    listeners = {"sourceListenerId": scene.plain[0], "targetListenerId": scene.secure[0]}
    rules = {"sourceRuleId": scene.plain_rule[0], "targetRuleId": scene.rule[0]}
    made = scene.lab.make(Redirection, "redirection", {"clbId": scene.balancer, **listeners, **rules})
    until(lambda: fetch(VIP, host=SHOP).status == 301, 5)
    answer = fetch(VIP, "/a/b?c=%20d&e", host=SHOP)
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{SHOP}/a/b?c=%20d&e")
    assert scene.lab.look(Redirection, made) == made[1]
    assert scene.lab.look(Rule, scene.plain_rule) == scene.plain_rule[1]
    edit(scene, "s/code 301/code 302/")
    assert scene.lab.look(Redirection, made) is None
    scene.lab.change(Redirection, made)
    assert scene.lab.look(Redirection, made) == made[1]
    scene.lab.remove(Redirection, made)
    until(lambda: fetch(VIP, host=SHOP).status == 503, 5)


def test_a_redirected_rule_leaves_the_others_of_its_listener_alone(scene: Scene, both: Made) -> None:
    lab, clb = scene.lab, {"clbId": scene.balancer}
    other = lab.make(Rule, "beside", {**clb, "listenerId": scene.plain[0], "domain": OTHER, "url": "/"})
    ids = {**clb, "listenerId": scene.plain[0], "ruleId": other[0]}
    attached = lab.make(Attachment, "beside", {**ids, "targets": scene.targets(one=10)})
    listeners = {"sourceListenerId": scene.plain[0], "targetListenerId": scene.secure[0]}
    rules = {"sourceRuleId": scene.plain_rule[0], "targetRuleId": scene.rule[0]}
    redirection = lab.make(Redirection, "redirection", {**clb, **listeners, **rules})
    try:
        until(lambda: fetch(VIP, host=SHOP).status == 301, 5)
        assert fetch(VIP, host=OTHER).body == "one"
        assert fetch(VIP, host="unknown.test").status == 301, "an unknown host is the first rule's"
    finally:
        lab.remove(Redirection, redirection)
        lab.remove(Attachment, attached)
        lab.remove(Rule, other)
        until(lambda: fetch(VIP, host=SHOP).status == 503, 5)


@pytest.mark.parametrize("name", ["a", "b", "c", "d"])
def test_an_unknown_host_is_answered_by_the_rule_that_was_made_first(
    scene: Scene, both: Made, get: Get, trust: str, name: str
) -> None:
    """Whatever the ids are: they differ by the names of the rules."""
    lab, clb = scene.lab, {"clbId": scene.balancer}
    other = lab.make(Rule, name, {**clb, "listenerId": scene.secure[0], "domain": OTHER, "url": "/"})
    try:
        until(lambda: get(host=OTHER).status == 503, 5)
        # Asked by TLS for a name of the certificate, by HTTP for another one.
        context = ssl.create_default_context(cadata=trust)
        with (
            socket.create_connection((VIP, 443), 5) as raw,
            context.wrap_socket(raw, server_hostname=SHOP) as secured,
        ):
            secured.sendall(b"GET / HTTP/1.1\r\nHost: unknown.test\r\nConnection: close\r\n\r\n")
            assert secured.recv(100).split()[1] == b"200"
    finally:
        lab.remove(Rule, other)


def test_a_new_certificate_is_served_and_no_connection_is_cut(
    scene: Scene, both: Made, get: Get, trust: str
) -> None:
    lab, before = scene.lab, scene.lab.region.get(Listener.type, scene.secure[0]).inputs
    old = serial(trust)
    context = ssl.create_default_context(cadata=trust)
    with (
        socket.create_connection((VIP, 443), 5) as raw,
        context.wrap_socket(raw, server_hostname=SHOP) as held,
    ):
        held.sendall(f"GET / HTTP/1.1\r\nHost: {SHOP}\r\n".encode())
        lab.change(Listener, scene.secure, certificateId=certify(lab, "second", SHOP, OTHER)[0])
        until(lambda: serial(trust) != old, 5)
        held.sendall(b"Connection: close\r\n\r\n")
        assert held.recv(100).split()[1] == b"200"
    assert answers(get, 4) == {"one": 2, "two": 2}
    lab.change(Listener, scene.secure, certificateId=before["certificateId"])


def test_a_port_takes_one_listener(scene: Scene) -> None:
    inputs = {"clbId": scene.balancer, "protocol": "HTTP", "port": 80, "listenerName": "again"}
    with pytest.raises(RegionError, match=r"port 80 of .* has a listener already"):
        scene.lab.make(Listener, "again", inputs)
    assert [record.id for record in scene.lab.region.records.all(Listener.type)] == sorted(
        made[0] for made in (scene.plain, scene.secure)
    )


@pytest.mark.parametrize("accident", ["reboot", "crash"])
def test_it_serves_again_after_a_restart(scene: Scene, both: Made, get: Get, accident: str) -> None:
    getattr(scene.lab, accident)(scene.balancer)
    until(lambda: scene.lab.knock(scene.hosts["one"], VIP, 443) == "open", 5)
    until(lambda: serves(get, one=2, two=2), 5)
    assert answers(get, 4) == {"one": 2, "two": 2}


def test_a_balancer_that_vanished_is_seen_as_gone(lab: Lab) -> None:
    inputs = {"clbName": "gone", "networkType": "INTERNAL", **lab.network}
    made = lab.make(
        Balancer, "gone", {key: value for key, value in inputs.items() if key != "securityGroups"}
    )
    assert made[1]["clbVips"][0].startswith(f"{NET}.11.")
    lab.region.remove_host(made[0])
    assert lab.look(Balancer, made) is None
    lab.remove(Balancer, made)
