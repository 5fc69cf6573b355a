"""What happens to a balancer by hand is shown and repaired; what it is asked for changes while it serves."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from region import balancing
from region.authority import issue
from region.hosts import list_hosts
from region.resources.clb import Attachment, Balancer, Listener, Rule
from tests.region.balancer import (
    SHOP,
    VIP,
    Get,
    Scene,
    admin,
    answers,
    attached,
    edit,
    getter,
    make_scene,
    serial,
    serves,
)
from tests.region.conftest import Lab, Made, fetch, until

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


def test_an_untouched_balancer_reads_as_it_was_asked(scene: Scene, both: Made) -> None:
    lab = scene.lab
    kinds = {Listener: (scene.plain, scene.secure), Rule: (scene.plain_rule, scene.rule), Attachment: (both,)}
    for kind, parts in kinds.items():
        for made in parts:
            assert lab.look(kind, made) == made[1]
    clb = (scene.balancer, lab.region.get(Balancer.type, scene.balancer).outputs)
    assert lab.look(Balancer, clb) == clb[1]


def weights(lab: Lab, made: Made) -> dict[str, int]:
    outputs = lab.look(Attachment, made)
    assert outputs
    return {target["instanceId"]: target["weight"] for target in outputs["targets"]}


def test_targets_changed_by_hand_are_shown_and_repaired(scene: Scene, both: Made, get: Get) -> None:
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


def test_what_runs_is_repaired_though_the_file_is_as_it_should_be(scene: Scene, both: Made, get: Get) -> None:
    lab, one, two = scene.lab, scene.hosts["one"][0], scene.hosts["two"][0]
    file = lab.region.host(scene.balancer).root / balancing.CONFIG.lstrip("/")
    text = file.read_text()
    edit(scene, f"/server {one}/d")
    until(lambda: weights(lab, both) == {two: 10}, 5)
    file.write_text(text)
    assert weights(lab, both) == {two: 10}
    lab.change(Attachment, both)
    assert weights(lab, both) == {one: 10, two: 10}
    until(lambda: serves(get, one=2, two=2), 5)


def test_a_removed_rule_and_a_closed_listener_are_read_as_gone_and_come_back(
    scene: Scene, both: Made, get: Get
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


def test_a_stopped_haproxy_shows_and_is_started_again(scene: Scene, both: Made, get: Get) -> None:
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
    scene: Scene, both: Made, get: Get, trust: str
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
    scene: Scene, both: Made, get: Get
) -> None:
    clb: Made = (scene.balancer, {})
    before = scene.lab.run(clb, "pidof", "haproxy")
    scene.lab.change(Attachment, both, targets=scene.targets(one=0, two=10))
    assert answers(get, 6) == {"two": 6}
    assert scene.lab.run(clb, "pidof", "haproxy") == before


def test_scheduler_stickiness_and_check_change_and_read_back(scene: Scene, both: Made, get: Get) -> None:
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


def fetch_with(get: Get, cookie: str) -> str:
    return str(get(headers={"Cookie": cookie}).body)


def test_a_balancer_is_renamed_and_held_to_its_bandwidth(scene: Scene, both: Made, get: Get) -> None:
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
