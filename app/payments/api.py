"""Where WeChat Pay tells of payments and refunds. Nothing else than its signature says who is asking."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from core import metrics
from core.errors import ApiError
from payments import refunds, services
from payments.services import Booked
from wechat import notifications, pay

router = Router()


class Failure(Schema):
    """What WeChat reads when a notification was not accepted; it comes again."""

    code: str
    message: str


_RESPONSES: dict[int, Any] = {204: None, **dict.fromkeys((400, 401, 404, 413, 503), Failure)}


@router.post("/payments/notifications", response=_RESPONSES, summary="A payment's notification")
def payment(request: HttpRequest) -> HttpResponse:
    """WeChat tells of a payment. It counts when signature, age, merchant, number and amount are right."""
    return _answered(request, "TRANSACTION.", _book)


@router.post("/payments/refund-notifications", response=_RESPONSES, summary="A refund's notification")
def refund(request: HttpRequest) -> HttpResponse:
    """WeChat tells of a refund: done, closed, or stuck."""
    return _answered(request, "REFUND.", lambda resource: refunds.record(pay.refund_result(resource)))


def _book(resource: dict[str, Any]) -> None:
    said = pay.transaction(resource)
    if said.paid and services.book(said) is Booked.REFUSED:
        raise ApiError(400, "doubtful", "the payment is not as agreed")


def _answered(request: HttpRequest, kind: str, act: Callable[[dict[str, Any]], None]) -> HttpResponse:
    try:
        event, resource = notifications.opened(headers=request.headers, body=request.body)
        if not event.startswith(kind):
            raise ApiError(400, "malformed", f"{event} does not belong here")
        try:
            act(resource)
        except (KeyError, ValueError, TypeError) as error:
            raise ApiError(400, "malformed", "the notification is not of the documented shape") from error
    except ApiError as error:
        metrics.NOTIFICATIONS_REFUSED.labels(error.code).inc()
        body = notifications.described(error)
        return HttpResponse(body, status=error.status, content_type="application/json")
    return HttpResponse(status=204)
