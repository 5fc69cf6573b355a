"""A CDN domain before a real origin."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from region import cdn_nginx
from region.authority import issue
from region.errors import RegionError
from region.resources.cdn import CONFIG, Domain
from region.resources.cdn_tasks import UrlPurge, UrlPush
from region.resources.certificate import Certificate
from tests.region.conftest import NET, Answer, Lab, Made, fetch, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

EDGE, ORIGIN = "cdn.rtest.test", "shop.rtest.test"
ADDRESS = f"{NET}.240.20"
FILES = {"static/app.js": "first", "static/gone.js": "kept", "api/price": "first", "static/short/a": "first"}

SECURE = """
import http.server, ssl, sys
port, chain = int(sys.argv[1]), sys.argv[2]
server = http.server.ThreadingHTTPServer(("", port), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def origin(lab: Lab) -> Made:
    """A web server on 80, and by TLS on 443 with a certificate of its name and on 444 with another's."""
    anybody = {"action": "ACCEPT", "cidrBlock": f"{NET}.240.0/20", "protocol": "TCP", "port": "80,443,444"}
    made = lab.instance("origin", orderlySecurityGroups=[lab.group("origin", anybody)])
    for path, text in FILES.items():
        put(lab, made, path, text)
    start(lab, made)
    for port, name in ((443, ORIGIN), (444, "impostor.rtest.test")):
        lab.run(made, "tee", f"/srv/{port}.pem", stdin="\n".join(issue(lab.region.name, [name])))
        argv = ("python3", "-c", SECURE, str(port), f"/srv/{port}.pem")
        lab.serve(made, f"tls{port}", "--working-directory=/srv/web", *argv)
        until(lambda port=port: lab.knock(made, "127.0.0.1", port) == "open")  # type: ignore[misc]
    return made


def put(lab: Lab, made: Made, path: str, text: str) -> None:
    lab.run(made, "mkdir", "-p", f"/srv/web/{path.rpartition('/')[0]}")
    lab.run(made, "tee", f"/srv/web/{path}", stdin=text)


def start(lab: Lab, made: Made) -> None:
    lab.serve(made, "plain", "python3", "-m", "http.server", "80", "--directory", "/srv/web")
    until(lambda: lab.knock(made, "127.0.0.1", 80) == "open")


def pulled(origin: Made, protocol: str = "http", port: str = "") -> dict[str, Any]:
    return {
        "originType": "ip",
        "originLists": [f"{origin[1]['privateIp']}{port}"],
        "originPullProtocol": protocol,
        "serverName": ORIGIN,
    }


def cached(path: str, seconds: int) -> dict[str, Any]:
    return {"ruleType": "directory", "rulePaths": [path], "cacheTime": seconds, "switch": "on"}


@pytest.fixture(scope="module")
def domain(lab: Lab, origin: Made) -> Made:
    cert, key = issue(lab.region.name, [EDGE])
    certificate = lab.make(Certificate, "edge", {"type": "SVR", "cert": cert, "key": key, "name": "edge"})
    config = {"serverCertificateConfig": {"certificateId": certificate[0]}, "httpsSwitch": "on"}
    rules = [
        {"ruleType": "all", "rulePaths": ["*"], "cacheTime": 0, "followOriginSwitch": "on"},
        cached("/static", 3600),
        cached("/static/short", 1),
        {"ruleType": "directory", "rulePaths": ["/api"], "cacheTime": 0, "noCacheSwitch": "on"},
    ]
    inputs = {"domain": EDGE, "serviceType": "web", "origin": pulled(origin), "httpsConfig": config}
    made = lab.make(Domain, "domain", {**inputs, "ruleCaches": rules})
    until(answers)
    return made


@pytest.fixture
def get(domain: Made, trust: str) -> Any:
    """GET by TLS as a visitor of the domain."""

    def get(path: str) -> Answer:
        return fetch(ADDRESS, path, host=EDGE, port=443, trust=trust)

    # What the test before did to origin or edge is over; a reload goes on after its command has ended.
    until(lambda: get("/api/price").status == 200, 10)
    return get


@pytest.fixture
def secured(lab: Lab, origin: Made, domain: Made, get: Any) -> Iterator[Any]:
    """Have the domain pull from a TLS port; it pulls by HTTP again afterwards."""
    yield lambda port: lab.change(Domain, domain, origin=pulled(origin, "https", f":{port}"))
    lab.change(Domain, domain, origin=pulled(origin))
    until(lambda: get("/api/price").status == 200, 5)


def answers() -> bool:
    """Whether the edge takes connections."""
    with contextlib.suppress(ConnectionError):
        return fetch(ADDRESS, host=EDGE).status > 0
    return False


def looked_up(answer: Answer) -> tuple[int, str | None, str]:
    return answer.status, answer.headers["X-Cache-Lookup"], answer.body


def test_what_a_rule_caches_comes_from_the_edge_and_the_rest_from_the_origin(
    lab: Lab, origin: Made, get: Any
) -> None:
    assert looked_up(get("/static/app.js")) == (200, "MISS", "first")
    assert get("/api/price").body == "first"
    put(lab, origin, "static/app.js", "second")
    put(lab, origin, "api/price", "second")
    assert looked_up(get("/static/app.js")) == (200, "HIT", "first")
    assert looked_up(get("/api/price")) == (200, None, "second")


def test_an_object_is_fetched_again_when_its_time_is_over(lab: Lab, origin: Made, get: Any) -> None:
    assert get("/static/short/a").body == "first"
    put(lab, origin, "static/short/a", "second")
    until(lambda: get("/static/short/a").body == "second", 5)


def test_what_is_cached_is_served_while_the_origin_is_down(lab: Lab, origin: Made, get: Any) -> None:
    put(lab, origin, "static/short/down", "stale")
    for path in ("/static/gone.js", "/static/short/down"):
        assert get(path).status == 200
    lab.run(origin, "systemctl", "stop", "plain")
    try:
        assert looked_up(get("/static/gone.js")) == (200, "HIT", "kept")
        assert get("/api/price").status == 502
        until(lambda: looked_up(get("/static/short/down")) == (200, "STALE", "stale"), 5)
    finally:
        start(lab, origin)


def test_what_is_cached_survives_a_restart_of_the_edge(
    lab: Lab, origin: Made, domain: Made, get: Any
) -> None:
    put(lab, origin, "static/rebooted", "first")
    assert get("/static/rebooted").status == 200
    put(lab, origin, "static/rebooted", "second")
    lab.reboot(domain[0])
    until(answers)
    assert looked_up(get("/static/rebooted")) == (200, "HIT", "first")


def test_an_origin_has_to_prove_its_name(secured: Any, get: Any) -> None:
    secured(443)
    until(lambda: get("/api/price").status == 200, 5)
    secured(444)
    until(lambda: get("/api/price").status == 502, 5)


def test_the_clouds_name_of_it_is_answered_in_the_vpc(lab: Lab, origin: Made, domain: Made) -> None:
    assert lab.run(origin, "getent", "ahostsv4", domain[1]["cname"]).startswith(f"{ADDRESS} ")


def test_a_domain_that_vanished_is_seen_as_gone(lab: Lab, origin: Made) -> None:
    made = lab.make(
        Domain, "gone", {"domain": "gone.rtest.test", "serviceType": "web", "origin": pulled(origin)}
    )
    lab.region.remove_host(made[0])
    assert lab.look(Domain, made) is None
    lab.remove(Domain, made)


def look(lab: Lab, domain: Made) -> dict[str, Any]:
    outputs = lab.look(Domain, (domain[0], lab.region.get(Domain.type, domain[0]).outputs))
    assert outputs
    return outputs


@pytest.mark.parametrize(
    ("pattern", "field"),
    [
        ("/location .static. {/,/}/d", "ruleCaches"),
        ("s/server [0-9.]*:80;/server 10.0.0.9:80;/", "origin"),
        ("/listen 443 ssl/d", "httpsConfig"),
        ("s/keepalive_timeout 60s/keepalive_timeout 1s/", "ruleCaches"),
    ],
)
def test_what_a_hand_changed_of_the_edge_is_shown_and_repaired(
    lab: Lab, domain: Made, get: Any, pattern: str, field: str
) -> None:
    asked = lab.region.get(Domain.type, domain[0]).outputs
    assert look(lab, domain) == asked
    lab.run(domain, "sed", "--in-place", pattern, CONFIG)
    shown = look(lab, domain)
    assert [name for name in shown if shown[name] != asked.get(name)] == [field]
    lab.change(Domain, (domain[0], shown))
    assert look(lab, domain) == asked
    assert get("/api/price").status == 200


def test_a_stopped_edge_and_a_replaced_certificate_are_shown_and_repaired(
    lab: Lab, domain: Made, get: Any
) -> None:
    asked = lab.region.get(Domain.type, domain[0]).outputs
    lab.run(domain, "systemctl", "stop", "nginx")
    lab.run(domain, "tee", cdn_nginx.CERTIFICATE, stdin=issue(lab.region.name, [EDGE])[0])
    shown = look(lab, domain)
    assert (shown["area"], shown["status"]) == ("", "offline")
    assert shown["httpsConfig"]["serverCertificateConfig"]["certificateId"] == ""
    lab.change(Domain, (domain[0], shown))
    assert look(lab, domain) == asked
    assert get("/api/price").status == 200


def test_a_purged_object_is_fetched_anew_and_the_others_stay(
    lab: Lab, origin: Made, domain: Made, get: Any
) -> None:
    for path in ("static/purged", "static/other"):
        put(lab, origin, path, "first")
        assert looked_up(get(f"/{path}")) == (200, "MISS", "first")
        put(lab, origin, path, "second")
    made = lab.make(UrlPurge, "purge", {"urls": [f"https://{EDGE}/static/purged"]})
    assert made[1]["purgeHistories"][0]["status"] == "done"
    assert looked_up(get("/static/purged")) == (200, "MISS", "second")
    assert looked_up(get("/static/other")) == (200, "HIT", "first")
    put(lab, origin, "static/purged", "third")
    lab.change(UrlPurge, made, redo=0)
    assert get("/static/purged").body == "second"
    made = lab.change(UrlPurge, made, redo=1)
    assert get("/static/purged").body == "third"
    lab.remove(UrlPurge, made)


def test_a_pushed_object_is_there_before_its_first_visitor(
    lab: Lab, origin: Made, domain: Made, get: Any
) -> None:
    put(lab, origin, "static/pushed", "warm")
    urls = [f"https://{EDGE}/static/pushed", f"http://{EDGE}/static/nowhere"]
    made = lab.make(UrlPush, "push", {"urls": urls})
    assert [entry["status"] for entry in made[1]["pushHistories"]] == ["done", "fail"]
    assert looked_up(get("/static/pushed")) == (200, "HIT", "warm")


def test_a_url_of_nobody_is_refused(lab: Lab, domain: Made) -> None:
    with pytest.raises(RegionError, match=r"nobody\.test is no CDN domain"):
        lab.make(UrlPurge, "nobody", {"urls": ["https://nobody.test/a"]})
    assert UrlPurge(lab.region).check({"urls": ["cdn.test/a"]}) == [
        ("urls", "need http:// or https:// before them: cdn.test/a")
    ]
    assert UrlPurge(lab.region).check({"urls": ["http://a/"] * 1001}) == [
        ("urls", "has 1001 URLs; one call takes 1000")
    ]
