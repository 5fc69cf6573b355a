"""A balancer before two real web hosts, for the tests of what it does and of what can happen to it."""

import contextlib
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from region import balancing
from region.authority import issue
from region.resources.certificate import Certificate
from region.resources.clb import Attachment, Balancer, Listener, Rule
from tests.region.conftest import NET, Answer, Lab, Made, fetch, until

VIP = f"{NET}.240.10"
SHOP, OTHER = "shop.rtest.test", "other.rtest.test"
Get = Callable[..., Answer]


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


def make_scene(lab: Lab) -> Scene:
    """A balancer that listens, nothing attached yet, and two hosts that serve."""
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


@contextlib.contextmanager
def attached(scene: Scene, get: Get) -> Iterator[Made]:
    """Both hosts attached with the same weight; nothing is attached before or after."""
    made = scene.attachment("targets", one=10, two=10)
    # HAProxy takes up a configuration without cutting a connection, and that takes a moment.
    until(lambda: serves(get, one=2, two=2), 5)
    yield made
    scene.lab.remove(Attachment, made)


def getter(trust: str) -> Get:
    """GET from the secure listener as a visitor of a domain."""

    def get(path: str = "/", host: str = SHOP, headers: dict[str, str] | None = None) -> Answer:
        return fetch(VIP, path, host=host, port=443, trust=trust, headers=headers)

    return get


def serves(get: Get, **shares: int) -> bool:
    """Whether so many of each host's answers come just now."""
    return Counter(get().body for _ in range(sum(shares.values()))) == shares


def answers(get: Get, count: int = 10) -> Counter[str]:
    found = [get() for _ in range(count)]
    assert {answer.status for answer in found} == {200}
    return Counter(answer.body for answer in found)


def serial(trust: str) -> str:
    context = ssl.create_default_context(cadata=trust)
    with (
        socket.create_connection((VIP, 443), 5) as raw,
        context.wrap_socket(raw, server_hostname=SHOP) as secured,
    ):
        certificate = secured.getpeercert()
    assert certificate
    return str(certificate["serialNumber"])


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
