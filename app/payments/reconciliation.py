"""The daily comparison of the shop's books with WeChat's bill."""

import logging
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from core import metrics
from payments import bills
from payments.models import BillCheck, Payment, Refund
from wechat import pay

log = logging.getLogger("shop.payments")


def check(*, day: date) -> BillCheck:
    """Compare one day (Beijing time) and keep the result; doing it again replaces it.

    Raises `wechat.pay.PayUnavailable` while the bill can't be had, and `bills.BillUnreadable` for one that is none.
    """
    ours, theirs = books(day=day), _bill(day)
    differences = bills.compare(ours, theirs)
    result, _ = BillCheck.objects.using("default").update_or_create(
        date=day,
        defaults={
            "checked_at": timezone.now(),
            "payments": len(theirs.payments),
            "refunds": len(theirs.refunds),
            "paid_fen": sum(theirs.payments.values()),
            "refunded_fen": sum(theirs.refunds.values()),
            "differences": [bills.as_json(difference) for difference in differences],
        },
    )
    metrics.BILL_DIFFERENCES.set(len(differences))
    for difference in differences:
        log.error("the bill of %s: %s", day, difference)
    return result


def books(*, day: date) -> bills.Bill:
    """What the shop has written down of a day: payments by when they were paid, refunds by when WeChat took them on."""
    begin = timezone.make_aware(datetime.combine(day, time()))
    end = begin + timedelta(days=1)
    paid = Payment.objects.using("default").filter(paid_at__gte=begin, paid_at__lt=end)
    accepted = Refund.objects.using("default").filter(accepted_at__gte=begin, accepted_at__lt=end)
    counted = accepted.exclude(state=Refund.State.CLOSED)
    return bills.Bill(
        {id_: fen for id_, fen in paid.values_list("transaction_id", "amount_fen") if id_},
        dict(counted.values_list("out_refund_no", "amount_fen")),
    )


def _bill(day: date) -> bills.Bill:
    try:
        return bills.parse(pay.trade_bill(day=day))
    except pay.NotThere as error:
        if error.reason != "NO_STATEMENT_EXIST":
            raise pay.PayUnavailable(error.reason) from error
        return bills.Bill({}, {})
