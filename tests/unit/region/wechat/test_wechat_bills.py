"""The daily bills: their format, and sums that are right to the fen."""

import csv
import datetime
import gzip
import hashlib
import io
from typing import Any

import pytest
import requests
from wechatpayv3 import WeChatPay

from region.wechat.server.bills import FLOW, TRADE, fee, flow_bill, trade_bill, yuan
from tests.shop.sandbox import Wechat
from tests.unit.region.wechat.orders import code, paid, prepaid, refund, said

NOON = 1_767_240_000.0
"""2026-01-01 12:00:00 in Beijing."""


def payment(number: str, total: int, at: float = NOON, **more: Any) -> dict[str, Any]:
    named = {"out_trade_no": number, "transaction_id": f"4200{number}", "openid": "o1"}
    return {**named, "description": "手机壳,红", "attach": "", "total": total, "paid_at": at, **more}


def refunded(number: str, amount: int, of: dict[str, Any], at: float = NOON + 60) -> dict[str, Any]:
    named = {"out_refund_no": number, "refund_id": f"5030{number}", "status": "SUCCESS"}
    return {**of, **named, "amount": amount, "created_at": at, "success_at": at + 1}


def read(text: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Lines and summary of a bill, values without the backtick that each must have."""
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    rows = list(csv.reader(io.StringIO("\n".join(lines))))
    for row in (*rows[1:-2], rows[-1]):
        assert all(value.startswith("`") for value in row)
    bare = [[value.removeprefix("`") for value in row] for row in rows]
    assert all(len(row) == len(rows[0]) for row in bare[:-2])
    return [dict(zip(bare[0], row, strict=True)) for row in bare[1:-2]], dict(
        zip(bare[-2], bare[-1], strict=True)
    )


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(1, "0.01"), (10, "0.10"), (1234, "12.34"), (100_000_000, "1000000.00"), (-7, "-0.07")],
)
def test_yuan(fen: int, expected: str) -> None:
    assert yuan(fen) == expected


@pytest.mark.parametrize(("fen", "expected"), [(1, 0), (83, 0), (84, 1), (250, 2), (1234, 7), (10_000, 60)])
def test_the_fee_is_rounded_half_up_to_a_fen(fen: int, expected: int) -> None:
    assert fee(fen) == expected


def test_the_trade_bill_of_a_day() -> None:
    first, second = payment("order-1", 10_000), payment("order-2", 1234, NOON + 30)
    text = trade_bill("wx1", "190", [first, second], [refunded("refund-1", 5000, first)])
    assert text.startswith(TRADE + "\r\n")
    rows, summary = read(text)
    assert [(row["商户订单号"], row["交易状态"], row["订单金额"], row["申请退款金额"]) for row in rows] == [
        ("order-1", "SUCCESS", "100.00", "0.00"),
        ("order-2", "SUCCESS", "12.34", "0.00"),
        ("order-1", "REFUND", "0.00", "50.00"),
    ]
    assert rows[0]["交易时间"] == "2026-01-01 12:00:00"
    assert rows[0]["商品名称"] == "手机壳 红", "a comma would be a column"
    assert (rows[2]["商户退款单号"], rows[2]["退款状态"], rows[2]["手续费"]) == (
        "refund-1",
        "SUCCESS",
        "-0.30000",
    )
    assert summary == {
        "总交易单数": "3",
        "应结订单总金额": "112.34",
        "退款总金额": "50.00",
        "充值券退款总金额": "0.00",
        "手续费总金额": "0.37000",
        "订单总金额": "112.34",
        "申请退款总金额": "50.00",
    }


def test_the_flow_bill_goes_on_from_the_day_before() -> None:
    first = payment("order-1", 10_000)
    text = flow_bill("190", [first, payment("order-2", 1, NOON + 5)], [refunded("refund-1", 5000, first)], 50)
    assert text.startswith(FLOW + "\r\n")
    rows, summary = read(text)
    seen = [(row["业务类型"], row["收支类型"], row["收支金额（元）"], row["账户结余（元）"]) for row in rows]
    assert seen == [
        ("交易", "收入", "100.00", "100.50"),
        ("扣除交易手续费", "支出", "0.60", "99.90"),
        ("交易", "收入", "0.01", "99.91"),
        ("退款", "支出", "49.70", "50.21"),
    ]
    assert rows[3]["备注"] == "退款总金额50.00元;含手续费0.30元"
    assert summary == {
        "资金流水总笔数": "4",
        "收入笔数": "2",
        "收入金额": "100.01",
        "支出笔数": "2",
        "支出金额": "50.30",
    }


def today() -> str:
    beijing = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.now(beijing).date().isoformat()


def fetched(merchant: WeChatPay, offer: dict[str, str]) -> str:
    status, content = merchant.download_bill(url=offer["download_url"])
    assert status == 200
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    assert hashlib.sha1(text).hexdigest() == offer["hash_value"]
    found: str = text.decode()
    return found


@pytest.mark.parametrize("packed", ["&tar_type=GZIP", ""])
def test_bills_are_fetched_and_add_up(wechat: Wechat, merchant: WeChatPay, packed: str) -> None:
    wechat.weather(bills_at_once=True)
    prepaid(wechat, merchant, "unpaid-1")
    for number, total in (("order-0001", 1234), ("order-0002", 99)):
        paid(wechat, merchant, number, total)
    refund(merchant, "order-0001", "refund-1", 234)
    wechat.settled()
    status, offer = said(merchant._core.request(f"/v3/bill/tradebill?bill_date={today()}{packed}"))
    assert (status, offer["hash_type"]) == (200, "SHA1")
    rows, summary = read(fetched(merchant, offer))
    assert {(row["商户订单号"], row["交易状态"]) for row in rows} == {
        ("order-0001", "SUCCESS"), ("order-0002", "SUCCESS"), ("order-0001", "REFUND"),
    }  # fmt: skip
    assert (summary["订单总金额"], summary["申请退款总金额"]) == ("13.33", "2.34")
    offer = said(merchant._core.request(f"/v3/bill/fundflowbill?bill_date={today()}{packed}"))[1]
    rows, summary = read(fetched(merchant, offer))
    assert summary["收入金额"] == "13.33"
    assert rows[-1]["账户结余（元）"] == yuan(1333 - 7 - 1 - (234 - 1))


def test_of_today_there_is_no_bill(wechat: Wechat, merchant: WeChatPay) -> None:
    paid(wechat, merchant, "order-0001")
    assert code(merchant.trade_bill(bill_date=today())) == (400, "INVALID_REQUEST")
    assert code(merchant.trade_bill(bill_date="2020-01-01")) == (400, "NO_STATEMENT_EXIST")
    assert code(merchant.trade_bill(bill_date="01.01.2020")) == (400, "PARAM_ERROR")


def test_a_link_is_no_use_without_a_signature(wechat: Wechat, merchant: WeChatPay) -> None:
    wechat.weather(bills_at_once=True)
    paid(wechat, merchant, "order-0001")
    offer = said(merchant.trade_bill(bill_date=today()))[1]
    assert requests.get(offer["download_url"], timeout=5).status_code == 401
    assert merchant.download_bill(url=f"{wechat.url}/v3/billdownload/file?token=x")[0] == 400
