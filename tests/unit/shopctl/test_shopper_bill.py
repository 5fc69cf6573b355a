"""WeChat's bill, read as WeChat writes it; the sandbox's own writer makes the examples."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from region.wechat import account
from region.wechat.server import bills, signing
from shopctl.drivers.http_session import Reply
from shopctl.errors import ShopctlError
from shopctl.shopper.bill import Merchant, days, fetch, parse
from shopctl.shopper.evidence import Billed

PAID = {
    "total": 4399,
    "paid_at": 1790000000.0,
    "transaction_id": "42",
    "out_trade_no": "A0001",
    "openid": "o1",
    "description": "手机壳, 两件",
    "attach": "",
}
BACK = {
    **PAID,
    "amount": 1009,
    "created_at": 1790000100.0,
    "refund_id": "50",
    "out_refund_no": "A0001R01",
    "status": "SUCCESS",
}
DAY = date(2026, 9, 22)


def test_payments_and_refunds_in_fen() -> None:
    waiting = {**BACK, "status": "PROCESSING", "amount": 7}
    text = bills.trade_bill("wx1", "19", [PAID], [BACK, waiting])
    assert parse(text) == [Billed("A0001", 4399, False), Billed("A0001", 1009, True)]


class Pay:
    """WeChat Pay with prepared answers; it keeps who asked for what."""

    def __init__(self, *answers: Reply) -> None:
        self.answers, self.asked = list(answers), list[tuple[str, str]]()

    def request(self, method: str, path: str, *, headers: Mapping[str, str]) -> Reply:
        self.asked.append((path, headers["Authorization"]))
        return self.answers.pop(0)

    def fetch(self, path: str, *, headers: Mapping[str, str]) -> bytes:
        self.asked.append((path, headers["Authorization"]))
        return bills.trade_bill("wx1", "19", [PAID], []).encode()


@pytest.fixture(scope="module")
def shop() -> Any:
    return account.create()[0]


@pytest.fixture
def merchant(shop: Any) -> Merchant:
    return Merchant(shop.mch_id, shop.certificate_serial, shop.private_key)


def refused(status: int, code: str) -> Reply:
    return Reply(status, {"code": code, "message": ""})


THERE = Reply(200, {"download_url": "https://api.mch.weixin.qq.com/v3/billdownload/file?token=t"})


def test_both_requests_are_signed_by_the_merchant(shop: Any, merchant: Merchant) -> None:
    from cryptography.hazmat.primitives import serialization

    pay = Pay(THERE)
    assert fetch(pay, merchant, (DAY,)) == (Billed("A0001", 4399, False),)
    paths = [path for path, _ in pay.asked]
    assert paths == ["/v3/bill/tradebill?bill_date=2026-09-22&bill_type=ALL", "/v3/billdownload/file?token=t"]
    public = serialization.load_pem_private_key(shop.private_key.encode(), None).public_key()
    for path, header in pay.asked:
        found = signing.parse_authorization(header)
        assert found
        assert found.mchid == shop.mch_id
        lines = ("GET", path, found.timestamp, found.nonce_str, "")
        assert signing.verify(public, found.signature, *lines)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["INVALID_REQUEST", "STATEMENT_CREATING"])
def test_a_bill_that_is_not_made_yet_is_none(merchant: Merchant, code: str) -> None:
    assert fetch(Pay(THERE, refused(400, code)), merchant, (DAY, DAY)) is None


def test_a_day_without_trade_has_an_empty_bill(merchant: Merchant) -> None:
    answers = (refused(400, "NO_STATEMENT_EXIST"), THERE)
    assert fetch(Pay(*answers), merchant, (DAY, DAY)) == (Billed("A0001", 4399, False),)


def test_a_refusal_is_an_error(merchant: Merchant) -> None:
    with pytest.raises(ShopctlError, match="401 SIGN_ERROR"):
        fetch(Pay(refused(401, "SIGN_ERROR")), merchant, (DAY,))


def test_days_are_those_of_china() -> None:
    began = datetime(2026, 9, 21, 15, 59, tzinfo=UTC).timestamp()
    assert days(began, began + 30) == (date(2026, 9, 21),)
    assert days(began, began + 90) == (date(2026, 9, 21), date(2026, 9, 22))


def test_the_key_is_not_shown(merchant: Merchant) -> None:
    assert "PRIVATE" not in repr(merchant) + json.dumps(str(merchant))
