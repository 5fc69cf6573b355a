"""What other domains may know of payments."""

from core.errors import ApiError
from payments.models import Payment


def of_order(*, order_number: str) -> Payment:
    """An order's payment. Raises 404 when none was ever begun."""
    found = Payment.objects.using("default").filter(order_number=order_number).first()
    if found is None:
        raise ApiError(404, "unknown_payment", "the order has no payment")
    return found
