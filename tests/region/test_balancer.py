"""A balancer before two real web hosts."""

import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from region import balancing
from region.authority import issue
from region.errors import RegionError
from region.hosts import list_hosts
from region.resources.certificate import Certificate
from region.resources.clb import Attachment, Balancer, Listener, Redirection, Rule
from tests.region.conftest import NET, Answer, Lab, Made, fetch, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

VIP = f"{NET}.240.10"
SHOP, OTHER = "shop.rtest.test", "other.rtest.test"


@dataclass
class Scene:
    """A balancer with a plain and a secure listener, a rule on each, and two web hosts behind."""

    lab: Lab
    balancer: str
    plain: Made
    secure: Made
    plain_rule: Made
    rule: Made
    hosts: dict[str, Made] = field(default_factory=dict[str, Made])

    def targets(self, **weights: int) -> list[dict[str, Any]]:
        return [
            {"instanceId": self.hosts[name][0], "port": 80, "weight": weight}
            for name, weight in weights.items()
        ]

    def attachment(self, name: str, **weights: int) -> Made:
        ids = {"clbId": self.balancer, "listenerId": self.secure[0], "ruleId": self.rule[0]}
        return self.lab.make(Attachment, name, {**ids, "targets": self.targets(**weights)})


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Scene:
    balancer = lab.make(
        Balancer,
        "clb",
        {
            "clbName": "clb",
            "networkType": "OPEN",
            "vpcId": lab.network["vpcId"],
            "loadBalancerPassToTarget": True,
        },
    )
    assert balancer[1]["clbVips"] == [VIP]
    certificate = certify(lab, "first", SHOP, OTHER)
    clb = {"clbId": balancer[0]}
    plain = lab.make(Listener, "http", {**clb, "protocol": "HTTP", "port": 80, "listenerName": "http"})
    https = {
        **clb,
        "protocol": "HTTPS",
        "port": 443,
        "listenerName": "https",
        "certificateId": certificate[0],
    }
    secure = lab.make(Listener, "https", https)
    check = {
        "healthCheckSwitch": True,
        "healthCheckHttpPath": "/healthz",
        "healthCheckHttpMethod": "GET",
        "healthCheckHttpCode": 2,
        "healthCheckIntervalTime": 2,
        "healthCheckTimeOut": 1,
        "healthCheckHealthNum": 2,
        "healthCheckUnhealthNum": 2,
    }
    rule = {"domain": SHOP, "url": "/"}
    plain_rule = lab.make(Rule, "http-rule", {**clb, **rule, "listenerId": plain[0]})
    secure_rule = lab.make(Rule, "https-rule", {**clb, **rule, **check, "listenerId": secure[0]})
    scene = Scene(lab, balancer[0], plain, secure, plain_rule, secure_rule)
    for name in ("one", "two"):
        made = scene.hosts[name] = lab.instance(name)
        lab.run(made, "mkdir", "-p", "/srv/web")
        for file, text in {"index.html": name, "healthz": "ok"}.items():
            lab.run(made, "tee", f"/srv/web/{file}", stdin=text)
        start(lab, made)
    return scene


def start(lab: Lab, made: Made) -> None:
    lab.serve(made, "backend", "python3", "-m", "http.server", "80", "--directory", "/srv/web")
    until(lambda: lab.knock(made, "127.0.0.1", 80) == "open")


def certify(lab: Lab, name: str, *domains: str) -> Made:
    cert, key = issue(lab.region.name, list(domains))
    return lab.make(Certificate, name, {"type": "SVR", "cert": cert, "key": key, "name": name})


@pytest.fixture
def both(scene: Scene, get: Any) -> Iterator[Made]:
    """Both hosts attached with the same weight; nothing is attached before or after."""
    made = scene.attachment("targets", one=10, two=10)
    # HAProxy takes up a configuration without cutting a connection, and that takes a moment.
    until(lambda: serves(get, one=2, two=2), 5)
    yield made
    scene.lab.remove(Attachment, made)


@pytest.fixture
def get(scene: Scene, trust: str) -> Any:
    """GET from the secure listener as a visitor of a domain."""

    def get(path: str = "/", host: str = SHOP, headers: dict[str, str] | None = None) -> Answer:
        return fetch(VIP, path, host=host, port=443, trust=trust, headers=headers)

    return get


def serves(get: Any, **shares: int) -> bool:
    """Whether so many of each host's answers come just now."""
    return Counter(get().body for _ in range(sum(shares.values()))) == shares


def answers(get: Any, count: int = 10) -> Counter[str]:
    found = [get() for _ in range(count)]
    assert {answer.status for answer in found} == {200}
    return Counter(answer.body for answer in found)


def test_requests_go_to_both_in_turn(both: Made, get: Any) -> None:
    assert answers(get) == {"one": 5, "two": 5}


def test_a_weight_of_zero_takes_a_host_out_and_a_weight_brings_it_back(
    scene: Scene, both: Made, get: Any
) -> None:
    scene.lab.change(Attachment, both, targets=scene.targets(one=0, two=10))
    until(lambda: serves(get, two=4), 5)
    assert answers(get) == {"two": 10}
    scene.lab.change(Attachment, both, targets=scene.targets(one=30, two=10))
    until(lambda: serves(get, one=3, two=1), 5)
    assert answers(get, 8) == {"one": 6, "two": 2}


def test_a_stopped_backend_is_out_and_a_started_one_in_within_the_times_of_its_check(
    scene: Scene, both: Made, get: Any
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


def test_without_targets_and_after_their_removal_it_answers_503(scene: Scene, get: Any) -> None:
    made = scene.attachment("passing", one=10)
    until(lambda: serves(get, one=2), 5)
    scene.lab.remove(Attachment, made)
    until(lambda: get().status == 503, 5)


def test_targets_are_reached_past_their_groups_by_the_balancer_alone(
    scene: Scene, both: Made, get: Any
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
    scene: Scene, both: Made, get: Any, trust: str, name: str
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
    scene: Scene, both: Made, get: Any, trust: str
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


def serial(trust: str) -> str:
    context = ssl.create_default_context(cadata=trust)
    with (
        socket.create_connection((VIP, 443), 5) as raw,
        context.wrap_socket(raw, server_hostname=SHOP) as secured,
    ):
        certificate = secured.getpeercert()
    assert certificate
    return str(certificate["serialNumber"])


def test_a_port_takes_one_listener(scene: Scene) -> None:
    inputs = {"clbId": scene.balancer, "protocol": "HTTP", "port": 80, "listenerName": "again"}
    with pytest.raises(RegionError, match=r"port 80 of .* has a listener already"):
        scene.lab.make(Listener, "again", inputs)
    assert [record.id for record in scene.lab.region.records.all(Listener.type)] == sorted(
        made[0] for made in (scene.plain, scene.secure)
    )


@pytest.mark.parametrize("accident", ["reboot", "crash"])
def test_it_serves_again_after_a_restart(scene: Scene, both: Made, get: Any, accident: str) -> None:
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


def test_an_untouched_balancer_reads_as_it_was_asked(scene: Scene, both: Made) -> None:
    lab = scene.lab
    kinds = {Listener: (scene.plain, scene.secure), Rule: (scene.plain_rule, scene.rule), Attachment: (both,)}
    for kind, parts in kinds.items():
        for made in parts:
            assert lab.look(kind, made) == made[1]
    clb = (scene.balancer, lab.region.get(Balancer.type, scene.balancer).outputs)
    assert lab.look(Balancer, clb) == clb[1]


def admin(scene: Scene, command: str) -> None:
    """Say something on HAProxy's socket, as somebody with a shell on the balancer would."""
    lab, clb = scene.lab, (scene.balancer, {})
    lab.script(clb, ADMIN, command)


ADMIN = """
import socket, sys
with socket.socket(socket.AF_UNIX) as link:
    link.connect("/run/haproxy/admin.sock")
    link.sendall(sys.argv[1].encode() + b"\\n")
    print(link.recv(10000).decode())
"""


def edit(scene: Scene, pattern: str) -> None:
    """Change the balancer's file by hand, and have HAProxy take it up."""
    clb: Made = (scene.balancer, {})
    scene.lab.run(clb, "sed", "--in-place", pattern, balancing.CONFIG)
    scene.lab.run(clb, "systemctl", "reload", "haproxy")


def weights(lab: Lab, made: Made) -> dict[str, int]:
    outputs = lab.look(Attachment, made)
    assert outputs
    return {target["instanceId"]: target["weight"] for target in outputs["targets"]}


def test_targets_changed_by_hand_are_shown_and_repaired(scene: Scene, both: Made, get: Any) -> None:
    lab, one, two = scene.lab, scene.hosts["one"][0], scene.hosts["two"][0]
    server = f"{scene.rule[0]}/{one}_80"
    for command in (f"set server {server} weight 0", f"set server {server} state maint"):
        admin(scene, command)
        assert weights(lab, both) == {one: 0, two: 10}, command
        lab.change(Attachment, both)
        assert weights(lab, both) == {one: 10, two: 10}
        until(lambda: serves(get, one=2, two=2), 5)
    edit(scene, f"/server {one}/d")
    until(lambda: weights(lab, both) == {two: 10}, 5)
    assert answers(get, 4) == {"two": 4}
    lab.change(Attachment, both)
    assert weights(lab, both) == {one: 10, two: 10}
    until(lambda: serves(get, one=2, two=2), 5)


def test_a_removed_rule_and_a_closed_listener_are_read_as_gone_and_come_back(
    scene: Scene, both: Made, get: Any
) -> None:
    lab = scene.lab
    edit(scene, f"/use_backend {scene.rule[0]}/d")
    assert lab.look(Rule, scene.rule) is None
    lab.change(Rule, scene.rule)
    assert lab.look(Rule, scene.rule) == scene.rule[1]
    admin(scene, f"disable frontend {scene.secure[0]}")
    assert lab.look(Listener, scene.secure) is None
    lab.change(Listener, scene.secure)
    assert lab.look(Listener, scene.secure) == scene.secure[1]
    until(lambda: serves(get, one=2, two=2), 5)


def test_a_stopped_haproxy_shows_and_is_started_again(scene: Scene, both: Made, get: Any) -> None:
    lab = scene.lab
    clb = (scene.balancer, lab.region.get(Balancer.type, scene.balancer).outputs)
    lab.run(clb, "systemctl", "stop", "haproxy")
    shown = lab.look(Balancer, clb)
    assert shown
    assert shown["internetBandwidthMaxOut"] == 0
    lab.change(Balancer, clb)
    assert lab.look(Balancer, clb) == clb[1]
    until(lambda: serves(get, one=2, two=2), 5)


def test_a_certificate_replaced_by_hand_shows_and_is_put_back(
    scene: Scene, both: Made, get: Any, trust: str
) -> None:
    lab, clb = scene.lab, (scene.balancer, dict[str, Any]())
    before, file = serial(trust), f"/etc/haproxy/certificates/{scene.secure[1]['certificateId']}.pem"
    lab.run(clb, "tee", file, stdin="\n".join(issue(lab.region.name, [SHOP])))
    lab.run(clb, "systemctl", "reload", "haproxy")
    until(lambda: serial(trust) != before, 5)
    shown = lab.look(Listener, scene.secure)
    assert shown
    assert shown["certificateId"] == ""
    lab.change(Listener, scene.secure)
    until(lambda: serial(trust) == before, 5)
    assert lab.look(Listener, scene.secure) == scene.secure[1]


def test_a_weight_changes_without_a_reload_and_without_cutting_a_connection(
    scene: Scene, both: Made, get: Any
) -> None:
    clb: Made = (scene.balancer, {})
    before = scene.lab.run(clb, "pidof", "haproxy")
    scene.lab.change(Attachment, both, targets=scene.targets(one=0, two=10))
    assert answers(get, 6) == {"two": 6}
    assert scene.lab.run(clb, "pidof", "haproxy") == before


def test_scheduler_stickiness_and_check_change_and_read_back(scene: Scene, both: Made, get: Any) -> None:
    lab, before = scene.lab, scene.lab.region.get(Rule.type, scene.rule[0]).inputs
    made = lab.change(Rule, scene.rule, scheduler="LEAST_CONN", healthCheckHttpPath="/index.html")
    assert lab.look(Rule, made) == made[1]
    made = lab.change(Rule, scene.rule, scheduler="WRR", sessionExpireTime=60)
    assert lab.look(Rule, made) == made[1]
    until(lambda: get().status == 200, 5)
    cookie = get().headers["Set-Cookie"].partition(";")[0]
    assert len({fetch_with(get, cookie) for _ in range(6)}) == 1, "the cookie keeps a visitor at one target"
    undone = {"healthCheckHttpPath": before["healthCheckHttpPath"], "sessionExpireTime": 0}
    lab.change(Rule, scene.rule, **undone)


def fetch_with(get: Any, cookie: str) -> str:
    return str(get(headers={"Cookie": cookie}).body)


def test_a_balancer_is_renamed_and_held_to_its_bandwidth(scene: Scene, both: Made, get: Any) -> None:
    lab = scene.lab
    clb = (scene.balancer, lab.region.get(Balancer.type, scene.balancer).outputs)
    made = lab.change(Balancer, clb, clbName="renamed", internetBandwidthMaxOut=8)
    assert "renamed" in {host.name for host in list_hosts(lab.region.name)}
    assert lab.look(Balancer, made) == made[1]
    scene.lab.run(scene.hosts["one"], "truncate", "--size=3M", "/srv/web/big")
    scene.lab.run(scene.hosts["two"], "truncate", "--size=3M", "/srv/web/big")
    begin = time.monotonic()
    assert len(get("/big").body) == 3 << 20
    assert time.monotonic() - begin > 2, "24 Mbit at 8 Mbit/s"
    made = lab.change(Balancer, made, clbName="clb", internetBandwidthMaxOut=None)
    assert lab.look(Balancer, made) == made[1]


def test_a_tcp_listener_passes_on_checks_and_reads_back(scene: Scene, both: Made) -> None:
    lab, clb = scene.lab, {"clbId": scene.balancer}
    asked = {"protocol": "TCP", "port": 8080, "listenerName": "tcp", "healthCheckType": "HTTP"}
    asking = {"healthCheckHttpPath": "/healthz", "healthCheckHttpCode": 2, "healthCheckIntervalTime": 2}
    made = lab.make(Listener, "tcp", {**clb, **asked, **asking, "healthCheckUnhealthNum": 2})
    given = {**clb, "listenerId": made[0], "targets": scene.targets(one=10, two=10)}
    attached = lab.make(Attachment, "tcp-targets", given)
    try:
        got = {fetch(VIP, port=8080).body for _ in range(4)}
        assert got == {"one", "two"}
        assert (lab.look(Listener, made), lab.look(Attachment, attached)) == (made[1], attached[1])
        edit(scene, f"/^listen {made[0]}/,/^$/s/uri .healthz/uri \\//")
        until(lambda: (lab.look(Listener, made) or {}).get("healthCheckHttpPath") == "/", 5)
        made = lab.change(Listener, made, sessionExpireTime=60)
        assert lab.look(Listener, made) == made[1]
        assert len({fetch(VIP, port=8080).body for _ in range(6)}) == 1, "one client, one target"
    finally:
        lab.remove(Attachment, attached)
        lab.remove(Listener, made)
    assert lab.knock(scene.hosts["one"], VIP, 8080) != "open"
