"""What WeChat said and what can't be true: kept once for people to look at, counted each time."""

import logging
from typing import Any

from django.utils import timezone

from core import metrics
from payments.models import Suspicion
from wechat import pay

log = logging.getLogger("shop.payments")


def note(kind: str, reference: str, details: dict[str, Any]) -> None:
    """Keep a suspicion; the same one again is only counted."""
    metrics.SUSPICIOUS.labels(kind).inc()
    log.error("suspicious: %s", kind, extra={"fields": {"reference": reference, **details}})
    Suspicion.objects.using("default").get_or_create(
        kind=kind, reference=reference[:64], defaults={"details": details, "at": timezone.now()}
    )


def details(said: pay.Transaction) -> dict[str, Any]:
    """A payment as it is kept beside a suspicion."""
    return {
        "out_trade_no": said.out_trade_no,
        "transaction_id": said.transaction_id,
        "mch_id": said.mch_id,
        "app_id": said.app_id,
        "total_fen": said.total_fen,
        "currency": said.currency,
        "state": said.state,
    }
