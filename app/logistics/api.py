"""`/orders/{number}/tracking`."""

from datetime import datetime

from ninja import Router, Schema

from core.identity import UserRequest, user
from core.routes import REFUSALS
from logistics import selectors
from orders import selectors as orders

router = Router()


class EventOut(Schema):
    """Something that happened to a parcel."""

    at: datetime
    text: str


class TrackingOut(Schema):
    """Where a parcel is; events with the newest first, at most 100."""

    carrier: str
    tracking_number: str
    events: list[EventOut]


@router.get(
    "/orders/{number}/tracking", auth=user, response={200: TrackingOut, **REFUSALS}, summary="Tracking"
)
def tracking(request: UserRequest, number: str) -> selectors.Tracking:
    """Where the parcel of one of the user's orders is; 404 `not_shipped` until there is one."""
    orders.order(number=number, user_id=request.auth.id)
    return selectors.tracking(number=number)
