"""What the queue tells of payments."""

from typing import Any

import outbox
from core.errors import ApiError
from payments import refunds
from wechat import pay


@outbox.handles(refunds.SEND)
def send_refund(body: dict[str, Any]) -> None:
    """Tell WeChat of a refund."""
    try:
        refunds.send(out_refund_no=str(body["out_refund_no"]))
    except ApiError as error:
        if error.code == "unknown_refund":
            # Possible after the database was restored to an earlier moment.
            raise outbox.Unprocessable(body["out_refund_no"]) from error
        if isinstance(error, pay.PayUnavailable):
            raise outbox.Later(60) from error
        raise
