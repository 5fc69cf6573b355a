"""Sending parcels off, and telling WeChat of it."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from core.conflicts import retry_conflicts
from core.errors import ApiError, invalid
from logistics import carriers, uploading
from logistics.models import Shipment, TrackingEvent
from logistics.uploading import Upload
from orders import services as orders
from orders.models import Order
from outbox import services as outbox

UPLOAD = "logistics.upload"
# Longer than the queue goes on trying by itself.
OVERDUE = timedelta(hours=2)
_TRACKING_NUMBER = re.compile(r"[A-Za-z0-9-]{4,40}")
_MESSAGES = {
    "upload_pending": "WeChat is being told of the shipment, please try again in a minute",
    "reship_used": "WeChat takes one correction of a shipment, and has had it",
}


@retry_conflicts
def ship(*, number: str, carrier: str, tracking_number: str, by: str) -> Shipment:
    """Send a paid order off, or correct what was said of its parcel. `by` is who does it: `staff:3`.

    Saying the same again changes nothing. Raises 400 for an unknown carrier or an impossible number, 404, and 409
    `order_state` unless the order is paid, `upload_pending` or `reship_used` when it can't be corrected (any more).
    """
    if carrier not in carriers.NAMES:
        raise invalid("carrier", f"must be one of {', '.join(carriers.NAMES)}")
    if not _TRACKING_NUMBER.fullmatch(tracking_number):
        raise invalid("tracking_number", "must be 4 to 40 letters, digits or -")
    with transaction.atomic(using="default"):
        order = orders.lock(number=number)
        shipment = Shipment.objects.using("default").select_for_update().filter(number=number).first()
        if shipment is None:
            order = orders.mark_shipped(number=number, by=by)
            shipment = _first(order)
        elif (shipment.carrier, shipment.tracking_number) == (carrier, tracking_number):
            return shipment
        else:
            _refuse_change(shipment)
        now = timezone.now()
        shipment.carrier, shipment.tracking_number = carrier, tracking_number
        shipment.shipped_at = order.shipped_at or now
        _announce(shipment, now)
        text = f"商家已发货，{carriers.NAMES[carrier]} {tracking_number}"
        TrackingEvent.objects.using("default").create(shipment=shipment, at=now, text=text)
    return shipment


@retry_conflicts
def upload_again(*, number: str) -> None:
    """Tell WeChat once more of a shipment that it refused, after the reason was mended. Raises 404."""
    with transaction.atomic(using="default"):
        shipment = Shipment.objects.using("default").select_for_update().filter(number=number).first()
        if shipment is None:
            raise ApiError(404, "not_shipped", "the order has not been shipped yet")
        if shipment.upload == Upload.REFUSED:
            _announce(shipment, timezone.now())


def track(*, number: str, at: datetime, text: str) -> bool:
    """Note what happened to an order's parcel. False when that is known already. Raises 404 `not_shipped`."""
    shipment = Shipment.objects.using("default").filter(number=number).first()
    if shipment is None:
        raise ApiError(404, "not_shipped", "the order has not been shipped yet")
    events = TrackingEvent.objects.using("default")
    return events.get_or_create(shipment=shipment, at=at, text=text[:200])[1]


def accepted(*, number: str) -> None:
    """WeChat knows of the shipment now. It can't have been changed since it was pending."""
    _pending(number).update(
        upload=Upload.ACCEPTED,
        uploads=F("uploads") + 1,
        uploaded_at=timezone.now(),
        upload_error="",
        upload_due_at=None,
    )


def refused(*, number: str, reason: str) -> None:
    """WeChat will not take what it was told: people have to look at it."""
    _pending(number).update(upload=Upload.REFUSED, upload_error=reason[:300], upload_due_at=None)


def remind(*, limit: int = 100) -> int:
    """Put those shipments into the queue again of which WeChat should know for long; how many."""
    now = timezone.now()
    with transaction.atomic(using="default"):
        overdue = Shipment.objects.using("default").filter(upload_due_at__lte=now).order_by("upload_due_at")
        found = list(overdue.select_for_update(skip_locked=True)[:limit])
        for shipment in found:
            _announce(shipment, now)
    return len(found)


def _first(order: Order) -> Shipment:
    lines = order.lines.using("default").values_list("name", "quantity")
    items = "、".join(f"{name}×{quantity}" for name, quantity in lines)
    phone = str(order.address.get("phone", ""))
    return Shipment(number=order.number, items=items[:120], contact=carriers.contact(phone))


def _refuse_change(shipment: Shipment) -> None:
    code = uploading.objection(Upload(shipment.upload), uploads=shipment.uploads)
    if code is not None:
        raise ApiError(409, code, _MESSAGES[code])


def _announce(shipment: Shipment, now: datetime) -> None:
    shipment.upload, shipment.upload_due_at = Upload.PENDING, now + OVERDUE
    shipment.save(using="default")
    outbox.add(topic=UPLOAD, body={"number": shipment.number})


def _pending(number: str) -> QuerySet[Shipment]:
    return Shipment.objects.using("default").filter(number=number, upload=Upload.PENDING)
