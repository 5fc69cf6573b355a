"""The daily bills: what was traded and how the money flowed, in yuan, as WeChat Pay's files have it."""

import datetime
import gzip
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from region.wechat.server import times
from region.wechat.server.errors import PayError
from region.wechat.server.sandbox import Sandbox
from region.wechat.server.store import Fields

READY_HOUR = 10
"""From this hour on there is the bill of the day before."""
LINK_LIFE = 300
RATE = Decimal("0.006")
TRADE = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
TRADE_SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FLOW = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请人,"
    "备注,业务凭证号"
)
FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"


def yuan(fen: int) -> str:
    """1234 is 12.34."""
    return f"{Decimal(fen) / 100:.2f}"


def fee(fen: int) -> int:
    """What WeChat Pay keeps of a sum, in fen, rounded half up."""
    return int((fen * RATE).quantize(Decimal(1), ROUND_HALF_UP))


def _fee_text(fen: int) -> str:
    return f"{Decimal(fen) / 100:.5f}"


def _file(head: str, rows: Iterable[Sequence[str]], summary_head: str, summary: Sequence[str]) -> str:
    lines = [head, *(_line(row) for row in rows), summary_head, _line(summary)]
    return "\r\n".join(lines) + "\r\n"


def _line(values: Sequence[str]) -> str:
    # A comma inside a value would be another column.
    return ",".join("`" + re.sub(r"[,\r\n]", " ", value) for value in values)


def trade_bill(app_id: str, mch_id: str, payments: Sequence[Fields], refunds: Sequence[Fields]) -> str:
    """The trade bill of a day: payments by when they were paid, refunds by when they were asked for."""
    rows: list[tuple[float, list[str]]] = []
    for row in payments:
        rows.append((row["paid_at"], _trade(app_id, mch_id, row, None)))
    for row in refunds:
        rows.append((row["created_at"], _trade(app_id, mch_id, row, row)))
    rows.sort(key=lambda each: each[0])
    paid = sum(row["total"] for row in payments)
    back = sum(row["amount"] for row in refunds)
    fees = sum(fee(row["total"]) for row in payments) - sum(fee(row["amount"]) for row in refunds)
    summary = (
        str(len(rows)), yuan(paid), yuan(back), "0.00", _fee_text(fees), yuan(paid), yuan(back)
    )  # fmt: skip
    return _file(TRADE, (row for _, row in rows), TRADE_SUMMARY, summary)


def _trade(app_id: str, mch_id: str, payment: Fields, refund: Fields | None) -> list[str]:
    amount = refund["amount"] if refund else payment["total"]
    begin = times.clock(refund["created_at"] if refund else payment["paid_at"])
    names = [
        app_id,
        mch_id,
        "0",
        "",
        payment["transaction_id"],
        payment["out_trade_no"],
        payment["openid"],
        "JSAPI",
    ]
    goods = [payment["description"], payment["attach"]]
    if refund:
        back = [
            refund["refund_id"],
            refund["out_refund_no"],
            yuan(amount),
            "0.00",
            "ORIGINAL",
            refund["status"],
        ]
        last = [_fee_text(-fee(amount)), "0.60%", "0.00", yuan(amount), ""]
        return [begin, *names, "REFUND", "OTHERS", "CNY", "0.00", "0.00", *back, *goods, *last]
    none = ["0", "0", "0.00", "0.00", "", ""]
    last = [_fee_text(fee(amount)), "0.60%", yuan(amount), "0.00", ""]
    return [begin, *names, "SUCCESS", "OTHERS", "CNY", yuan(amount), "0.00", *none, *goods, *last]


def flow_bill(mch_id: str, payments: Sequence[Fields], refunds: Sequence[Fields], balance: int) -> str:
    """The fund flow bill of a day that began with `balance` fen; refunds by when the money went back."""
    entries: list[tuple[float, str, str, str, str, int, str, str]] = []
    for row in payments:
        number, at = row["transaction_id"], row["paid_at"]
        entries.append((at, number, "交易", "交易", "收入", row["total"], "", row["out_trade_no"]))
        if fee(row["total"]):
            entries.append(
                (at, number, "交易", "扣除交易手续费", "支出", fee(row["total"]), "", row["out_trade_no"])
            )
    for row in refunds:
        back = fee(row["amount"])
        note = f"退款总金额{yuan(row['amount'])}元;含手续费{yuan(back)}元"
        net = row["amount"] - back
        entries.append(
            (row["success_at"], row["refund_id"], "退款", "退款", "支出", net, note, row["out_refund_no"])
        )
    entries.sort(key=lambda entry: entry[0])
    rows: list[list[str]] = []
    for place, (at, number, name, kind, way, amount, note, voucher) in enumerate(entries, 1):
        balance += amount if way == "收入" else -amount
        flow = f"{number}{place:06}"
        rows.append(
            [
                times.clock(at),
                number,
                flow,
                name,
                kind,
                way,
                yuan(amount),
                yuan(balance),
                f"{mch_id}API",
                note,
                voucher,
            ]
        )
    income = [entry[5] for entry in entries if entry[4] == "收入"]
    expense = [entry[5] for entry in entries if entry[4] == "支出"]
    summary = (
        str(len(rows)), str(len(income)), yuan(sum(income)), str(len(expense)), yuan(sum(expense))
    )  # fmt: skip
    return _file(FLOW, rows, FLOW_SUMMARY, summary)


PAID = "SELECT * FROM payment WHERE paid_at >= ? AND paid_at < ? ORDER BY paid_at"
REFUNDED = (
    "SELECT refund.*, payment.transaction_id, payment.openid, payment.description, payment.attach, payment.total "
    "FROM refund JOIN payment USING (out_trade_no) WHERE refund.{} >= ? AND refund.{} < ? AND status != 'CLOSED'"
)


def order(sandbox: Sandbox, kind: str, query: Mapping[str, str]) -> dict[str, Any]:
    """`GET /v3/bill/tradebill` and `/v3/bill/fundflowbill`: where the file can be fetched, and its SHA1."""
    date = _date(sandbox, query.get("bill_date", ""))
    zipped = query.get("tar_type") == "GZIP"
    if query.get("tar_type") not in (None, "GZIP"):
        raise PayError(400, "PARAM_ERROR", "tar_type 仅支持 GZIP")
    text = _trade_of(sandbox, date, query) if kind == "tradebill" else _flow_of(sandbox, date, query)
    content, token = text.encode(), secrets.token_urlsafe(48)
    with sandbox.store.transaction():
        sandbox.store.run("DELETE FROM bill WHERE at < ?", sandbox.now() - LINK_LIFE)
        sandbox.store.run("INSERT INTO bill VALUES (?, ?, ?, ?)", token, content, zipped, sandbox.now())
    return {
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content).hexdigest(),  # noqa: S324 - WeChat Pay's choice
        "download_url": f"{sandbox.config.public_url}/v3/billdownload/file?token={token}",
    }


def _date(sandbox: Sandbox, text: str) -> datetime.date:
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise PayError(400, "PARAM_ERROR", "bill_date 格式应为 yyyy-MM-dd") from error
    today = times.day(sandbox.now())
    if sandbox.weather.bills_at_once and date <= today:
        return date
    if date >= today:
        raise PayError(400, "INVALID_REQUEST", "只能下载昨天及以前的账单")
    if (
        date == today - datetime.timedelta(days=1)
        and sandbox.now() < times.bounds(today)[0] + READY_HOUR * 3600
    ):
        raise PayError(400, "STATEMENT_CREATING", "账单生成中，请在次日10点后再试")
    return date


def _trade_of(sandbox: Sandbox, date: datetime.date, query: Mapping[str, str]) -> str:
    kind = query.get("bill_type", "ALL")
    if kind not in ("ALL", "SUCCESS", "REFUND"):
        raise PayError(400, "PARAM_ERROR", "bill_type 仅支持 ALL、SUCCESS、REFUND")
    payments = sandbox.store.all(PAID, *times.bounds(date)) if kind != "REFUND" else []
    asked = REFUNDED.format("created_at", "created_at")
    refunds = sandbox.store.all(asked, *times.bounds(date)) if kind != "SUCCESS" else []
    if not payments and not refunds:
        raise PayError(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    return trade_bill(sandbox.config.app_id, sandbox.config.mch_id, payments, refunds)


def _flow_of(sandbox: Sandbox, date: datetime.date, query: Mapping[str, str]) -> str:
    if query.get("account_type", "BASIC") != "BASIC":
        raise PayError(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    begin, end = times.bounds(date)
    settled = REFUNDED.format("success_at", "success_at")
    before = sum(row["total"] - fee(row["total"]) for row in sandbox.store.all(PAID, 0, begin))
    before -= sum(row["amount"] - fee(row["amount"]) for row in sandbox.store.all(settled, 0, begin))
    payments, refunds = sandbox.store.all(PAID, begin, end), sandbox.store.all(settled, begin, end)
    if not payments and not refunds:
        raise PayError(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    return flow_bill(sandbox.config.mch_id, payments, refunds, before)


def fetch(sandbox: Sandbox, token: str) -> bytes:
    """`GET /v3/billdownload/file?token=`: the file itself, which is not signed."""
    row = sandbox.store.one(
        "SELECT * FROM bill WHERE token = ? AND at >= ?", token, sandbox.now() - LINK_LIFE
    )
    if row is None:
        raise PayError(400, "PARAM_ERROR", "token 无效或已过期")
    content: bytes = row["content"]
    return gzip.compress(content) if row["zipped"] else content
