"""Money that nobody told of: payments and refunds whose notification was lost, and the day's bill."""

import logging
from datetime import date, datetime, timedelta

from django.utils import timezone

import outbox
from outbox import sweeping
from payments import bills, reconciliation, refunds, services
from payments.models import BillCheck
from wechat import pay

log = logging.getLogger("shop.payments")
BATCH = 100
_BILL_HOUR = 10
"""WeChat has yesterday's bill from ten o'clock, Beijing time, on."""
_BILL_DAYS = 7


@outbox.every(seconds=30, lease_seconds=600)
def look_at_refunds() -> None:
    """Ask after refunds that should have ended."""
    found = refunds.to_look_at(limit=BATCH)
    sweeping.each(found, lambda number: refunds.look(out_refund_no=number), what="refund")


@outbox.every(seconds=120, lease_seconds=600)
def ask_after_payments() -> None:
    """Ask after payments that were begun a while ago: the buyer may have paid and gone, the notification got lost."""
    begun = services.to_ask_after(limit=BATCH)
    sweeping.each(begun, lambda number: services.sync(order_number=number), what="payment of order")


@outbox.every(seconds=1800, lease_seconds=600)
def compare_bill() -> None:
    """Compare each day with its bill, once it is there; also those of the last week that were missed."""
    _compare(timezone.localtime())


def _compare(now: datetime) -> None:
    for day in _uncompared(now):
        try:
            reconciliation.check(day=day)
        except pay.PayUnavailable as error:
            log.warning("the bill of %s can't be had yet: %s", day, error.reason)
            return
        except bills.BillUnreadable:
            # For people to look at; the other days don't wait for them.
            log.exception("the bill of %s can't be read", day)


def _uncompared(now: datetime) -> list[date]:
    """The days whose bills should be there and aren't compared; none from before there were any comparisons."""
    last = now.date() - timedelta(days=1 if now.hour >= _BILL_HOUR else 2)
    checked = set(BillCheck.objects.using("default").values_list("date", flat=True).order_by("-date")[:31])
    first = max(min(checked, default=last), last - timedelta(days=_BILL_DAYS - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day not in checked]
