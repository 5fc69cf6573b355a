"""Whether a shipment may still be changed. Pure.

WeChat takes an order's shipping information once and one correction of it. While an upload is on its way nothing may
change: two uploads could overtake each other, and the wrong one would be the last.
"""

from enum import StrEnum

MOST = 2


class Upload(StrEnum):
    """What WeChat knows."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"


CHOICES = [("pending", "待上传"), ("accepted", "已上传"), ("refused", "被拒绝")]


def objection(upload: Upload, *, uploads: int) -> str | None:
    """Why a shipment with so many accepted uploads can't be changed, as an error's code; None when it can."""
    if upload is Upload.PENDING:
        return "upload_pending"
    return "reship_used" if uploads >= MOST else None
