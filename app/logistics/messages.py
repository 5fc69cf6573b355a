"""What the queue tells of shipments."""

import logging
from typing import Any

import outbox
from logistics import services
from logistics.models import Shipment
from logistics.services import UPLOAD
from logistics.uploading import Upload
from payments import selectors as payments
from wechat import api as wechat
from wechat.errors import WechatError, about_shipping

log = logging.getLogger("shop.logistics")


@outbox.handles(UPLOAD)
def upload(body: dict[str, Any]) -> None:
    """Tell WeChat that an order was shipped: its money stays frozen until then.

    When the answer was lost WeChat knows already, and says so. What it has against the shipment is left to people;
    when it is away, or has something against the shop's calls, the message comes again.
    """
    number = str(body["number"])
    shipment = Shipment.objects.using("default").filter(number=number).first()
    if shipment is None:
        raise outbox.Unprocessable(number)
    if shipment.upload != Upload.PENDING:
        return
    payment = payments.of_order(order_number=number)
    parcel = wechat.Parcel(
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        items=shipment.items,
        contact=shipment.contact,
    )
    try:
        wechat.upload_shipping_info(
            out_trade_no=payment.out_trade_no,
            openid=payment.openid,
            parcels=[parcel],
            uploaded_at=shipment.shipped_at,
        )
    except WechatError as error:
        if not about_shipping(error.errcode):
            raise
        log.error("WeChat does not take the shipment of %s: %s", number, error.message)
        services.refused(number=number, reason=error.message)
        return
    services.accepted(number=number)
