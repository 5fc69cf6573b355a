"""Reading WeChat's bill and comparing it."""

import pytest

from payments.bills import Bill, BillUnreadable, Difference, compare, fen, parse

# As WeChat's documentation shows it, with our own numbers.
HEAD = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,"
    "应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
    "手续费,费率,订单金额,申请退款金额,费率备注"
)
PAID = (
    "`2026-01-02 03:04:05,`wx1,`1900000001,`0,`,`4200001,`N1,`o1,`JSAPI,`SUCCESS,`OTHERS,`CNY,`25.00,`0.00,`0,`0,`0.00,"
    "`0.00,`,`,`手机壳,`,`0.15000,`0.60%,`25.00,`0.00,`"
)
BACK = (
    "`2026-01-02 04:04:05,`wx1,`1900000001,`0,`,`4200001,`N1,`o1,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5001,`N1R01,"
    "`10.01,`0.00,`ORIGINAL,`SUCCESS,`手机壳,`,`-0.06000,`0.60%,`0.00,`10.01,`"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
TOTALS = "`2,`25.00,`10.01,`0.00,`0.09000,`25.00,`10.01"
TEXT = "\r\n".join((HEAD, PAID, BACK, SUMMARY, TOTALS)) + "\r\n"


def test_a_bill_is_read() -> None:
    assert parse(TEXT) == Bill({"4200001": 2500}, {"N1R01": 1001})


@pytest.mark.parametrize(
    ("yuan", "expected"),
    [("0.00", 0), ("0.01", 1), ("12.34", 1234), ("1000000.00", 100_000_000), ("19.99", 1999)],
)
def test_yuan_are_exactly_so_many_fen(yuan: str, expected: int) -> None:
    assert fen(yuan) == expected


@pytest.mark.parametrize("text", ["", "1.234", "x", "NaN", "Infinity", "1,00"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BillUnreadable):
        fen(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>busy</html>",
        HEAD,
        TEXT.replace("交易状态", "状态"),
        TEXT.replace("`SUCCESS,`OTHERS", "`STRANGE,`OTHERS"),
        TEXT.replace("`25.00,`0.00,`0,`0", "`25.01,`0.00,`0,`0"),
        TEXT.replace(TOTALS, "`3,`25.00,`10.01,`0.00,`0.09000,`25.00,`10.01"),
        TEXT.replace(PAID, f"{PAID}\r\n{PAID}"),
        TEXT.replace(",`手机壳", ",`手机,壳"),
    ],
)
def test_a_bill_that_is_none_or_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(BillUnreadable):
        parse(text)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (Bill({}, {}), Bill({}, {}), []),
        (Bill({"a": 1}, {"r": 2}), Bill({"a": 1}, {"r": 2}), []),
        (Bill({"a": 1}, {}), Bill({}, {}), [Difference("payment_missing_there", "a", 1, None)]),
        (Bill({}, {}), Bill({"a": 1}, {}), [Difference("payment_missing_here", "a", None, 1)]),
        (Bill({"a": 1}, {}), Bill({"a": 2}, {}), [Difference("payment_other_amount", "a", 1, 2)]),
        (Bill({}, {"r": 5}), Bill({}, {}), [Difference("refund_missing_there", "r", 5, None)]),
        (Bill({}, {}), Bill({}, {"r": 5}), [Difference("refund_missing_here", "r", None, 5)]),
        (Bill({}, {"r": 5}), Bill({}, {"r": 6}), [Difference("refund_other_amount", "r", 5, 6)]),
        # The same sum, made of other parts, is a difference all the same.
        (
            Bill({"a": 1, "b": 2}, {}),
            Bill({"a": 2, "b": 1}, {}),
            [Difference("payment_other_amount", "a", 1, 2), Difference("payment_other_amount", "b", 2, 1)],
        ),
    ],
)
def test_comparisons(ours: Bill, theirs: Bill, expected: list[Difference]) -> None:
    assert compare(ours, theirs) == expected
