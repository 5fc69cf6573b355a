"""The daily comparison with the sandbox's bill."""

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import bills, jobs, reconciliation
from payments.models import BillCheck, Payment, Refund
from tests.shop.orders.counter import buyer, sku
from tests.shop.payments.test_refunds import ask, bought, settle
from tests.shop.sandbox import Wechat
from wechat import pay


def _traded(wechat: Wechat) -> None:
    someone, case = buyer(wechat.openid()), sku(1999, stock=50)
    numbers = [bought(someone, wechat, case, quantity) for quantity in (1, 3, 7)]
    ask(someone, numbers[1], 1234)
    ask(someone, numbers[2])
    settle(wechat)
    wechat.weather(bills_at_once=True)


def test_books_that_are_right_agree_with_the_bill(wechat: Wechat) -> None:
    _traded(wechat)
    out = StringIO()
    today = timezone.localdate()
    call_command("reconcile", date=today, stdout=out)
    paid, back = 11 * 1999, 1234 + 7 * 1999
    expected = f"payments=3 paid_fen={paid} refunds=2 refunded_fen={back} differences=0"
    assert out.getvalue() == f"date={today} {expected}\n"
    check = BillCheck.objects.get()
    assert (check.paid_fen, check.refunded_fen, check.differences) == (paid, back, [])


def test_every_fen_that_differs_is_named(wechat: Wechat) -> None:
    _traded(wechat)
    first, second, _ = Payment.objects.order_by("id")
    Payment.objects.filter(pk=first.pk).update(amount_fen=first.amount_fen + 1)
    Payment.objects.filter(pk=second.pk).update(paid_at=timezone.now() - timedelta(days=3))
    Refund.objects.filter(payment=second).update(amount_fen=1235)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile", date=timezone.localdate(), stdout=out)
    found = {each["kind"]: (each["ours"], each["theirs"]) for each in BillCheck.objects.get().differences}
    assert found == {
        "payment_other_amount": (2000, 1999),
        "payment_missing_here": (None, 5997),
        "refund_other_amount": (1235, 1234),
    }
    assert f"payment_other_amount {first.transaction_id} ours=2000 theirs=1999" in out.getvalue()


def test_a_day_without_trade_agrees(wechat: Wechat) -> None:
    wechat.weather(bills_at_once=True)
    assert reconciliation.check(day=timezone.localdate()).differences == []


@pytest.mark.parametrize(
    "change", [lambda bill: bill[:-40], lambda bill: gzip.compress(b"x"), lambda bill: b""]
)
def test_a_bill_that_is_not_the_one_offered_is_not_used(
    wechat: Wechat, monkeypatch: pytest.MonkeyPatch, change: Callable[[bytes], bytes]
) -> None:
    _traded(wechat)
    library = type(pay.client())
    real = library.download_bill
    monkeypatch.setattr(library, "download_bill", lambda self, url: (200, change(real(self, url)[1])))
    with pytest.raises(pay.PayUnavailable):
        reconciliation.check(day=timezone.localdate())
    assert not BillCheck.objects.exists()


def compared(day: date) -> BillCheck:
    """A day that is compared."""
    sums = {"payments": 0, "refunds": 0, "paid_fen": 0, "refunded_fen": 0}
    return BillCheck.objects.create(date=day, checked_at=timezone.now(), differences=[], **sums)


def test_the_job_compares_yesterday_once_after_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.localtime()
    asked: list[date] = []
    monkeypatch.setattr(reconciliation, "check", lambda day: asked.append(day))
    yesterday = now.date() - timedelta(days=1)
    compared(yesterday - timedelta(days=1))
    jobs._compare(now.replace(hour=9))
    assert asked == []
    jobs._compare(now.replace(hour=10))
    compared(yesterday)
    jobs._compare(now.replace(hour=11))
    assert asked == [yesterday]


def test_days_that_were_missed_are_compared_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.localtime().replace(hour=10)
    days = [now.date() - timedelta(days=number) for number in range(12)]
    for day in (days[11], days[4], days[2]):
        compared(day)
    asked: list[date] = []

    def check(day: date) -> None:
        asked.append(day)
        if day == days[5]:
            raise bills.BillUnreadable("no bill")

    monkeypatch.setattr(reconciliation, "check", check)
    jobs._compare(now)
    assert asked == [days[7], days[6], days[5], days[3], days[1]]
