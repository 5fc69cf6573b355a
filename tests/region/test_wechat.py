"""WeChat as hosts of the region meet it: by its public names, over TLS, from behind a NAT gateway."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from wechatpayv3 import WeChatPay, WeChatPayType

from region import revive, teardown
from region.hosts import folder
from region.region import Region
from region.resources.clb import Attachment
from region.resources.dnspod import Domain, Record
from region.resources.nat import Address, Gateway
from region.resources.route_table import Entry, Table
from region.resources.subnet import Subnet
from region.resources.vpc import Vpc
from region.settings import WECHAT_NAMES, WECHAT_SLOT, public_address
from region.wechat import account, host
from region.wechat.account import Account
from tests.region.balancer import SHOP, VIP, getter, make_scene
from tests.region.conftest import NET, SETTINGS, Lab, Made, alone, settings_for, until

pytestmark = [pytest.mark.region, pytest.mark.slow]

API = WECHAT_NAMES[0]
NOTIFY = f"https://{SHOP}/api/v1/payments/notifications"
ASK = """
import sys, urllib.request
method, url, body = sys.argv[1:]
headers = {"Content-Type": "application/json"}
request = urllib.request.Request(url, body.encode() or None, headers, method=method)
print(urllib.request.urlopen(request, timeout=10).read().decode())
"""
RECEIVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open("/srv/received", "ab") as file:
            file.write(body + b"\\n")
        self.send_response(204)
        self.end_headers()
http.server.ThreadingHTTPServer(("", 80), Handler).serve_forever()
"""


@dataclass(frozen=True)
class Scene:
    """The region's account, a host whose subnet has a way out, and one whose subnet has none."""

    lab: Lab
    account: Account
    inside: Made
    shut_in: Made

    def ask(
        self, path: str, body: dict[str, object] | None = None, method: str = "POST"
    ) -> dict[str, object]:
        """What a host hears from WeChat."""
        text = "" if method == "GET" else json.dumps(body or {})
        found: dict[str, object] = json.loads(
            self.lab.script(self.inside, ASK, method, f"https://{API}{path}", text)
        )
        return found


@pytest.fixture(scope="module")
def scene(lab: Lab) -> Scene:
    vpc = lab.network["vpcId"]
    registered = account.register(SETTINGS)
    assert (
        lab.look(Vpc, (vpc, lab.region.get(Vpc.type, vpc).outputs)) != lab.region.get(Vpc.type, vpc).outputs
    )
    lab.change(Vpc, (vpc, lab.region.get(Vpc.type, vpc).outputs))
    table = lab.make(Table, "web-routes", {"name": "web", "vpcId": vpc})
    where = {"vpcId": vpc, "availabilityZone": "ap-guangzhou-3", "routeTableId": table[0]}
    subnet = lab.make(Subnet, "web", {**where, "name": "web", "cidrBlock": f"{NET}.21.0/24"})
    address = lab.make(Address, "nat-address", {"name": "nat"})
    inputs = {"name": "nat", "vpcId": vpc, "assignedEipSets": [address[1]["publicIp"]]}
    gateway = lab.make(Gateway, "nat", inputs)
    way = {"destinationCidrBlock": "0.0.0.0/0", "nextType": "NAT", "nextHub": gateway[0]}
    lab.make(Entry, "out", {**way, "routeTableId": table[0]})
    return Scene(lab, registered, lab.instance("inside", subnetId=subnet[0]), lab.instance("shut-in"))


@pytest.fixture
def shop(scene: Scene) -> Iterator[list[Made]]:
    """The shop's public name at a balancer with two hosts, which keep what they are sent."""
    balanced = make_scene(scene.lab)
    for made in balanced.hosts.values():
        scene.lab.run(made, "systemctl", "stop", "backend")
        scene.lab.serve(made, "receiver", "python3", "-c", RECEIVER)
    get = getter((SETTINGS.root / "authority/ca.pem").read_text())
    domain, sub = SHOP.partition(".")[2], SHOP.partition(".")[0]
    scene.lab.make(Domain, "domain", {"domain": domain})
    record = {"domain": domain, "subDomain": sub, "recordType": "A", "recordLine": "默认", "value": VIP}
    scene.lab.make(Record, "record", record)
    targets = balanced.attachment("targets", one=10, two=10)
    until(lambda: get("/healthz").status == 200)
    yield list(balanced.hosts.values())
    scene.lab.remove(Attachment, targets)


def merchant(scene: Scene) -> WeChatPay:
    """The shop's own client. The operator's machine reaches WeChat by its address."""
    mine = scene.account
    return WeChatPay(
        wechatpay_type=WeChatPayType.MINIPROG,
        mchid=mine.mch_id,
        private_key=mine.private_key,
        cert_serial_no=mine.certificate_serial,
        appid=mine.app_id,
        apiv3_key=mine.api_v3_key,
        public_key=mine.public_key,
        public_key_id=mine.public_key_id,
        notify_url=NOTIFY,
    )


def prepay(scene: Scene, number: str, openid: str, monkeypatch: pytest.MonkeyPatch) -> str:
    client = merchant(scene)
    client._core._gate_way = f"https://{public_address(SETTINGS, WECHAT_SLOT)}"
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(SETTINGS.root / "authority/ca.pem"))
    monkeypatch.setenv("NO_PROXY", "*")
    order = {"amount": {"total": 100, "currency": "CNY"}, "payer": {"openid": openid}}
    status, text = client.pay(description="手机壳", out_trade_no=number, **order)
    assert status == 200, text
    return str(json.loads(text)["prepay_id"])


def test_a_host_with_a_way_out_asks_wechat_by_its_names_over_tls(scene: Scene) -> None:
    code = scene.ask("/sandbox/login", {"person": "小明"})["code"]
    mine = scene.account
    query = f"appid={mine.app_id}&secret={mine.app_secret}&js_code={code}&grant_type=authorization_code"
    assert str(scene.ask(f"/sns/jscode2session?{query}", method="GET")["openid"]).startswith("o")
    for name in WECHAT_NAMES:
        assert scene.lab.script(scene.inside, ASK, "GET", f"https://{name}/healthz", "") == "ok"
    assert scene.lab.knock(scene.shut_in, public_address(SETTINGS, WECHAT_SLOT), 443) != "open"


def test_a_notification_finds_the_shop_by_its_public_name_and_trusts_its_certificate(
    scene: Scene, shop: list[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = str(scene.ask("/sandbox/login", {"person": "小红"})["openid"])
    prepay_id = prepay(scene, "notified-1", openid, monkeypatch)
    scene.ask("/sandbox/pay", {"prepay_id": prepay_id})

    def received() -> str:
        return "".join(scene.lab.run(made, "sh", "-c", "cat /srv/received || true") for made in shop)

    until(lambda: "TRANSACTION.SUCCESS" in received(), 20)
    until(lambda: _told(scene, "notified-1") == "delivered")


def _told(scene: Scene, number: str) -> str:
    found = scene.ask("/sandbox/ledger", method="GET")["notifications"]
    assert isinstance(found, list)
    return str(next(each for each in found if each["subject"] == number)["state"])


def test_what_wechat_knows_survives_a_crash_of_its_host(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    openid = str(scene.ask("/sandbox/login", {"person": "小刚"})["openid"])
    paid = scene.ask("/sandbox/pay", {"prepay_id": prepay(scene, "crashed-1", openid, monkeypatch)})
    scene.lab.crash(host.HOST)
    until(lambda: scene.lab.knock(scene.inside, public_address(SETTINGS, WECHAT_SLOT), 443) == "open")
    payments = scene.ask("/sandbox/ledger", method="GET")["payments"]
    assert isinstance(payments, list)
    kept = next(each for each in payments if each["out_trade_no"] == "crashed-1")
    assert (kept["state"], kept["transaction_id"]) == ("SUCCESS", paid["transaction_id"])


def test_a_host_that_is_down_is_seen_and_revived(scene: Scene) -> None:
    vpc = scene.lab.network["vpcId"]
    made = (vpc, scene.lab.region.get(Vpc.type, vpc).outputs)
    scene.lab.region.host(host.HOST).stop()
    assert "no WeChat" in (scene.lab.look(Vpc, made) or {})["name"]
    assert [each.id for each in revive.revive(scene.lab.region, lambda line: None)] == [host.HOST]
    assert scene.lab.look(Vpc, made) == made[1]
    until(lambda: scene.lab.knock(scene.inside, public_address(SETTINGS, WECHAT_SLOT), 443) == "open")


def test_a_creation_that_was_killed_begins_again(scene: Scene) -> None:
    home = folder(SETTINGS.name, host.HOST)
    (home / "ready").unlink()
    scene.lab.region.host(host.HOST).stop()
    host.open_wechat(scene.lab.region)
    assert (home / "ready").exists()
    assert scene.lab.script(scene.inside, ASK, "GET", f"https://{API}/healthz", "") == "ok"


def test_another_push_address_reaches_the_running_host(scene: Scene) -> None:
    account.register(SETTINGS, f"https://{SHOP}/api/v1/wechat/push")
    host.open_wechat(scene.lab.region)
    written = scene.ask("/sandbox/customer-message", {"person": "小明", "text": "你好"})
    assert written["pushed_to"] == f"https://{SHOP}/api/v1/wechat/push"


def test_it_comes_with_the_first_vpc_and_goes_with_the_last(images: None) -> None:
    settings = settings_for("rwechat", 4)
    with alone(settings.name):
        teardown.destroy(settings.name)
        try:
            account.register(settings)
            lab = Lab(Region(settings))
            lab.region.open()
            first = settings.cidr.rsplit(".", 2)[0]
            vpcs = [
                lab.make(Vpc, f"vpc-{part}", {"name": "v", "cidrBlock": f"{first}.{part}.0/18"})
                for part in (0, 64)
            ]
            assert lab.region.is_running(host.HOST)
            lab.remove(Vpc, vpcs[0])
            assert lab.region.is_running(host.HOST)
            lab.remove(Vpc, vpcs[1])
            assert not lab.region.has_host(host.HOST)
            assert account.registered(settings)
        finally:
            teardown.destroy(settings.name)
        assert not teardown.find(settings.name)
