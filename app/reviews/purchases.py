"""What a user bought, as far as reviews need it."""

from dataclasses import dataclass

from orders.models import OrderLine
from orders.states import State

_RECEIVED = (State.RECEIVED, State.COMPLETED)


@dataclass(frozen=True)
class Purchase:
    """A line of one of the user's orders."""

    product_id: int
    name: str
    attributes: dict[str, str]
    received: bool


def line(*, user_id: int, number: str, sku_id: int) -> Purchase | None:
    """The line of the user's order with this SKU; None for anybody else's order."""
    lines = OrderLine.objects.using("default").select_related("order")
    found = lines.filter(order__number=number, order__user_id=user_id, sku_id=sku_id).first()
    if found is None:
        return None
    return Purchase(found.product_id, found.name, found.attributes, found.order.state in _RECEIVED)
