"""The upload of shipping information, without which WeChat keeps the money of a mini-program's sales frozen."""

import json
from collections.abc import Mapping
from typing import Any

from region.wechat.server import times
from region.wechat.server.errors import ApiError
from region.wechat.server.sandbox import Sandbox

MOST_PARCELS = 15


def upload(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`POST /wxa/sec/order/upload_shipping_info`: once when it is shipped, and once more to correct it."""
    _check(body)
    with sandbox.store.transaction():
        payment = _payment(sandbox, body.get("order_key"))
        if body["payer"]["openid"] != payment["openid"]:
            raise ApiError(10060031, "该笔支付单不属于 openid 所指定的用户")
        number = payment["transaction_id"]
        if _given_back(sandbox, payment["out_trade_no"]) >= payment["total"]:
            raise ApiError(10060004, "支付单处于不可发货的状态")
        before = sandbox.store.one("SELECT * FROM shipment WHERE transaction_id = ?", number)
        content = json.dumps(body, ensure_ascii=False, sort_keys=True)
        if before and before["again"]:
            raise ApiError(10060003, "支付单已使用重新发货机会")
        if before and _parcels(before["content"]) == body["shipping_list"]:
            raise ApiError(10060023, "发货信息未更新")
        complete = body["delivery_mode"] == 1 or body["is_all_delivered"]
        sandbox.store.run(
            "INSERT OR REPLACE INTO shipment VALUES (?, ?, ?, ?, ?)",
            number, content, complete, bool(before and before["complete"]), sandbox.now(),
        )  # fmt: skip
    return {"errcode": 0, "errmsg": "ok"}


def _parcels(content: str) -> Any:
    return json.loads(content)["shipping_list"]


def _given_back(sandbox: Sandbox, number: str) -> float:
    asked = "SELECT SUM(amount) FROM refund WHERE out_trade_no = ? AND status != 'CLOSED'"
    return sandbox.store.number(asked, number)


def _check(body: Mapping[str, Any]) -> None:
    parcels, mode, kind = body.get("shipping_list"), body.get("delivery_mode"), body.get("logistics_type")
    if kind not in (1, 2, 3, 4):
        raise ApiError(10060005, "物流类型有误")
    if mode not in (1, 2):
        raise ApiError(10060014, "参数错误: delivery_mode")
    if not isinstance(parcels, list) or not parcels or not all(isinstance(each, dict) for each in parcels):
        raise ApiError(10060014, "参数错误: shipping_list")
    if len(parcels) > (1 if mode == 1 else MOST_PARCELS):
        raise ApiError(10060024, "物流信息列表太长")
    if mode == 2 and kind != 1:
        raise ApiError(10060006, "非快递发货时不允许分拆发货")
    if mode == 2 and not isinstance(body.get("is_all_delivered"), bool):
        raise ApiError(10060007, "分拆发货模式下必须填写 is_all_delivered 状态")
    for parcel in parcels:
        _check_parcel(parcel, kind)
    payer = body.get("payer")
    if not isinstance(payer, dict) or not payer.get("openid"):
        raise ApiError(10060014, "参数错误: payer.openid")
    try:
        times.parse(str(body.get("upload_time")))
    except ValueError as error:
        raise ApiError(268485216, "上传时间非法，请使用 RFC 3339 格式") from error


def _check_parcel(parcel: Mapping[str, Any], kind: int) -> None:
    if not parcel.get("item_desc"):
        raise ApiError(10060008, "商品描述 item_desc 字段不能为空")
    if len(str(parcel["item_desc"])) > 120:
        raise ApiError(10060009, "商品描述 item_desc 字段太长")
    if kind == 1 and not (parcel.get("tracking_no") and parcel.get("express_company")):
        raise ApiError(10060014, "参数错误: tracking_no, express_company")
    if len(str(parcel.get("tracking_no", ""))) > 128:
        raise ApiError(10060026, "物流单号太长")
    # 顺丰 wants a contact, the middle of whose number is hidden.
    if parcel.get("express_company") == "SF" and not isinstance(parcel.get("contact"), dict):
        raise ApiError(10060014, "参数错误: contact")


def _payment(sandbox: Sandbox, key: object) -> Any:
    key = key if isinstance(key, dict) else {}
    if key.get("order_number_type") == 2:
        row = sandbox.store.one(
            "SELECT * FROM payment WHERE transaction_id = ?", str(key.get("transaction_id"))
        )
    elif key.get("order_number_type") == 1 and key.get("mchid") == sandbox.config.mch_id:
        row = sandbox.store.one("SELECT * FROM payment WHERE out_trade_no = ?", str(key.get("out_trade_no")))
    else:
        raise ApiError(10060014, "参数错误: order_key")
    if row is None or row["transaction_id"] is None:
        raise ApiError(10060001, "支付单不存在")
    return row
