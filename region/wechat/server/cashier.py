"""What a person does with the phone: logs in, gives the telephone number, pays or doesn't, writes to the shop."""

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from region.wechat.server import letters, pay, people, signing, times
from region.wechat.server.errors import SandboxError
from region.wechat.server.sandbox import Sandbox

OUTCOMES = ("success", "cancel", "fail", "begin")
"""`begin`: the person is about to type the password; any other outcome may follow."""


def login(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/login`: what `wx.login` gives to the mini-program."""
    with sandbox.store.transaction():
        person = people.ensure(sandbox, body.get("person"))
        return {"code": people.new_code(sandbox, "login", person["name"]), "openid": person["openid"]}


def phone(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/phone`: what the button `getPhoneNumber` gives; `phone` is the person's number from now on."""
    number = body.get("phone")
    if number is not None and not (isinstance(number, str) and people.PHONE.fullmatch(number)):
        raise SandboxError(400, "INVALID", "phone must be a mobile number of mainland China")
    with sandbox.store.transaction():
        person = people.ensure(sandbox, body.get("person"))
        number = number or person["phone"]
        sandbox.store.run("UPDATE person SET phone = ? WHERE name = ?", number, person["name"])
        return {"code": people.new_code(sandbox, "phone", person["name"], number), "phone": number}


def bill(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/cashier`: what the payment dialog shows before the person decides."""
    payment = _payment(sandbox, body)
    return {
        "prepay_id": payment["prepay_id"],
        "total": payment["total"],
        "description": payment["description"],
        "merchant": f"商户 {sandbox.config.mch_id}",
    }


def decide(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/pay`: pays an order, or does not. What WeChat would not let be paid is refused."""
    outcome = body.get("outcome", "success")
    if outcome not in OUTCOMES:
        raise SandboxError(400, "INVALID", f"outcome must be one of {', '.join(OUTCOMES)}")
    with sandbox.store.transaction():
        payment = _payment(sandbox, body)
        number = payment["out_trade_no"]
        if body.get("person") is not None:
            payer = people.ensure(sandbox, body["person"])["openid"]
            if payer != payment["openid"]:
                raise SandboxError(403, "PAYER_MISMATCH", "当前支付的用户与下单的用户不一致")
        match outcome:
            case "success":
                _succeed(sandbox, payment)
            case "begin":
                pay.set_state(sandbox, number, "USERPAYING")
            case "cancel":
                pay.set_state(sandbox, number, "NOTPAY")
            case _:
                pay.set_state(sandbox, number, "PAYERROR")
        now = pay.find(sandbox, number)
        assert now is not None
    return {"out_trade_no": number, "state": now["state"], "transaction_id": now["transaction_id"]}


def _payment(sandbox: Sandbox, body: Mapping[str, Any]) -> sqlite3.Row:
    """The order that is to be paid: by its prepay_id, or by the signed parameters of `wx.requestPayment`."""
    prepay_id = body.get("prepay_id")
    parameters = body.get("parameters", body if "paySign" in body else None)
    if parameters is not None:
        prepay_id = _verified(sandbox, parameters)
    row = pay.find(sandbox, prepay_id, "prepay_id") if isinstance(prepay_id, str) else None
    if row is None:
        raise SandboxError(404, "UNKNOWN_PREPAY_ID", "prepay_id 不存在")
    if row["state"] in ("SUCCESS", "REFUND"):
        raise SandboxError(409, "ORDERPAID", "该订单已支付")
    if row["state"] == "CLOSED":
        raise SandboxError(409, "ORDER_CLOSED", "该订单已关闭")
    if sandbox.now() - row["prepaid_at"] >= pay.PREPAY_LIFE:
        raise SandboxError(409, "PREPAY_EXPIRED", "支付会话已过期，请重新下单")
    return row


def _verified(sandbox: Sandbox, parameters: object) -> str:
    given = parameters if isinstance(parameters, dict) else {}
    names = ("timeStamp", "nonceStr", "package", "paySign")
    if not all(isinstance(given.get(name), str) and given[name] for name in names):
        raise SandboxError(400, "PARAMETERS", "调用支付 JSAPI 缺少参数，或参数不是字符串")
    if given.get("signType") != "RSA":
        raise SandboxError(400, "PARAMETERS", "signType 应为 RSA")
    app_id, package = given.get("appId", sandbox.config.app_id), given["package"]
    lines = (str(app_id), given["timeStamp"], given["nonceStr"], package)
    wrong = app_id != sandbox.config.app_id or not package.startswith("prepay_id=")
    if wrong or not signing.verify(sandbox.merchant_key, given["paySign"], *lines):
        raise SandboxError(403, "PAY_SIGN", "支付验证签名失败")
    return str(package.removeprefix("prepay_id="))


def _succeed(sandbox: Sandbox, payment: sqlite3.Row) -> None:
    now, number = sandbox.now(), payment["out_trade_no"]
    transaction_id = (
        f"420000{secrets.randbelow(10**4):04}{times.day(now):%Y%m%d}{secrets.randbelow(10**10):010}"
    )
    sandbox.store.run(
        "UPDATE payment SET state = 'SUCCESS', transaction_id = ?, paid_at = ?, changed_at = ? WHERE out_trade_no = ?",
        transaction_id, now, now, number,
    )  # fmt: skip
    paid = pay.find(sandbox, number)
    assert paid is not None
    letters.notify(sandbox, "TRANSACTION.SUCCESS", number, paid["notify_url"], pay.transaction(sandbox, paid))


def consent(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/subscribe`: the person allows so many subscription messages of a template."""
    person, template, count = (
        people.ensure(sandbox, body.get("person")),
        body.get("template_id"),
        body.get("count", 1),
    )
    if not isinstance(template, str) or not template or not isinstance(count, int) or not 0 < count <= 100:
        raise SandboxError(400, "INVALID", "name a template_id and a count from 1 to 100")
    sandbox.store.run(
        "INSERT INTO consent VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET remaining = remaining + excluded.remaining",
        person["openid"], template, count,
    )  # fmt: skip
    return {"errMsg": "requestSubscribeMessage:ok", template: "accept"}


def write(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /sandbox/customer-message`: the person writes `text`, or sends the picture at `image_url`."""
    person, text, image = people.ensure(sandbox, body.get("person")), body.get("text"), body.get("image_url")
    message: dict[str, Any] = {"FromUserName": person["openid"], "MsgId": secrets.randbelow(2**53)}
    if isinstance(text, str) and text:
        message |= {"MsgType": "text", "Content": text}
    elif isinstance(image, str) and image:
        message |= {"MsgType": "image", "PicUrl": image, "MediaId": secrets.token_urlsafe(48)}
    else:
        raise SandboxError(400, "INVALID", "send a text or an image_url")
    with sandbox.store.transaction():
        written = "UPDATE person SET wrote_at = ?, answers = 0 WHERE name = ?"
        sandbox.store.run(written, sandbox.now(), person["name"])
        letters.push(sandbox, message["MsgType"], person["name"], message)
    return {"openid": person["openid"], "msg_id": message["MsgId"], "pushed_to": sandbox.push_url or None}
