"""Reading back what was laid, and what a hand has changed."""

from dataclasses import replace
from typing import Any

import pytest

from region.balancing import Seen, check
from region.bandwidth import parse
from region.haproxy import HealthCheck, Listener, Rule, Target, backend, configuration
from region.haproxy_read import Running, commands, pool, routed, running, sections
from region.resources import clb_read

TARGETS = (Target("ins-1_80", "10.0.1.4", 80, 10), Target("ins-2_80", "10.0.2.4", 80, 0))
INPUTS: dict[str, Any] = {
    "clbId": "lb-1",
    "listenerId": "lbl-1",
    "domain": "shop.test",
    "url": "/",
    "healthCheckSwitch": True,
    "healthCheckHttpPath": "/healthz",
    "healthCheckHttpMethod": "GET",
    "healthCheckHttpCode": 2,
}
RULE = Rule("loc-1", "shop.test", "/", targets=TARGETS, check=check(INPUTS))


def seen(text: str, now: Running | None = None) -> Seen:
    return Seen(sections(text), now, frozenset())


def read(text: str, inputs: dict[str, Any] = INPUTS) -> dict[str, Any] | None:
    return clb_read.rule(seen(text), "loc-1", inputs, first=True, redirected=False)


def text(rule: Rule = RULE) -> str:
    return configuration([Listener("lbl-1", "HTTP", 80, (rule,))])


@pytest.mark.parametrize(
    "rule",
    [
        RULE,
        replace(RULE, check=None),
        replace(RULE, scheduler="LEAST_CONN", session=300, forward="HTTPS"),
        replace(RULE, forward="GRPC", check=HealthCheck(domain="a.test", kind="HTTPS", port=8080, codes=31)),
    ],
)
def test_what_was_laid_reads_back_equal(rule: Rule) -> None:
    found = pool("\n".join(backend(rule)).replace("    ", "").splitlines()[1:])
    assert (found.scheduler, found.session, found.forward) == (rule.scheduler, rule.session, rule.forward)
    assert (found.check, found.targets) == (rule.check, rule.targets)


def test_an_untouched_rule_reads_as_it_was_asked() -> None:
    assert read(text()) == INPUTS
    assert read(text(replace(RULE, targets=()))) == INPUTS, (
        "without servers nothing says how often they are asked"
    )


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("balance roundrobin", "balance leastconn", {"scheduler": "LEAST_CONN"}),
        ("uri /healthz", "uri /", {"healthCheckHttpPath": "/"}),
        ("inter 5s", "inter 60s", {"healthCheckIntervalTime": 60}),
        ("path_beg /", "path_beg /old", {"url": "/old"}),
        ("-i shop.test", "-i other.test", {"domain": "other.test"}),
    ],
)
def test_what_a_hand_changed_is_shown_in_its_field(before: str, after: str, shown: dict[str, Any]) -> None:
    assert read(text().replace(before, after)) == {**INPUTS, **shown}


def test_a_check_that_was_taken_out_is_shown() -> None:
    bare = "\n".join(line.partition(" check ")[0] for line in text().splitlines())
    assert read(bare) == {**INPUTS, "healthCheckSwitch": False}


@pytest.mark.parametrize("line", ["backend loc-1", "    use_backend loc-1", "    default_backend loc-1"])
def test_a_rule_without_its_lines_is_gone(line: str) -> None:
    without = "\n".join(one for one in text().splitlines() if not one.startswith(line))
    assert read(without) is None


def test_wildcards_and_several_domains_are_read_back() -> None:
    rule = replace(RULE, domain="*.shop.test", more=("b.test",))
    assert routed(sections(text(rule))["frontend lbl-1"], "loc-1") == (("*.shop.test", "b.test"), "/")


STATE = """\
# pxname,svname,qcur,status,
lbl-1,FRONTEND,,OPEN,
lbl-2,FRONTEND,,STOP,
loc-1,BACKEND,0,UP,

1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port
3 loc-1 1 ins-1_80 10.0.1.4 2 0 10 80
3 loc-1 2 ins-2_80 10.0.2.4 2 8 10 80

"""


def test_the_running_state_tells_open_frontends_and_servers_weights() -> None:
    now = running(STATE)
    assert (now.open, now.proxies) == ({"lbl-1"}, {"lbl-1", "lbl-2", "loc-1"})
    assert tuple(now.servers["loc-1"].values()) == TARGETS, "a server told to drain has no weight"


def test_weights_alone_are_set_without_a_reload() -> None:
    now = running(STATE)
    assert commands({"loc-1": TARGETS}, now) == []
    assert commands({"loc-1": (TARGETS[0], replace(TARGETS[1], weight=20))}, now) == [
        "set server loc-1/ins-2_80 state ready",
        "set server loc-1/ins-2_80 weight 20",
    ]
    assert commands({"loc-1": TARGETS[:1]}, now) is None
    assert commands({"loc-1": (TARGETS[0], replace(TARGETS[1], port=81))}, now) is None


def attached(text: str, now: Running | None = None, **options: Any) -> Any:
    asked = [{"instanceId": "ins-1", "port": 80}, {"instanceId": "ins-2", "port": 80, "weight": 0}]
    outputs = {"targets": asked}
    found = clb_read.attachment(
        seen(text, now), "loc-1", outputs, TARGETS, **{"foreign": (), "strangers": True, **options}
    )
    return found and found["targets"]


def test_targets_are_shown_as_they_are() -> None:
    asked = attached(text())
    assert asked == [{"instanceId": "ins-1", "port": 80}, {"instanceId": "ins-2", "port": 80, "weight": 0}]
    assert attached(text(replace(RULE, targets=TARGETS[1:]))) == asked[1:], (
        "a server was taken out of the file"
    )
    assert attached(text().replace("weight 0", "weight 50"))[1]["weight"] == 50
    assert attached(text(replace(RULE, targets=()))) is None
    now = running(STATE.replace("2 0 10 80", "2 0 77 80"))
    assert attached(text(), now)[0]["weight"] == 77, "a weight was set over the socket"
    more = text(replace(RULE, targets=(*TARGETS, Target("ins-3_80", "10.0.3.4", 80, 5))))
    assert attached(more)[2] == {"instanceId": "ins-3", "port": 80, "weight": 5}
    assert attached(more, strangers=False) == asked


def test_the_rate_of_a_bucket_is_read_in_mbit() -> None:
    assert parse("qdisc tbf 8001: root refcnt 3 rate 100Mbit burst 64Kb lat 50ms") == 100
    assert parse("qdisc tbf 8001: root refcnt 3 rate 2Gbit burst 64Kb lat 50ms") == 2000
    assert parse("qdisc noqueue 0: root refcnt 2") is None
