"""What the staff finds on the admin's first page: what waits for somebody, and how today goes."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import timezone

from conversations import selectors as conversations
from core.errors import ApiError
from inventory.models import Stock
from orders.models import Order
from orders.states import PAID_FOR, State
from payments.models import BillCheck, Refund, Suspicion
from reviews import store as reviews
from uploads.models import Upload

log = logging.getLogger("shop.backoffice")
LOW_STOCK = 5
BILL_DAYS = timedelta(days=31)
"""How long a difference is shown, unless its day is compared again and agrees."""
Staff = User | AnonymousUser


@dataclass(frozen=True)
class Tile:
    """A number with the page that shows what it counts. `urgent` ones want somebody."""

    title: str
    value: str
    address: str
    urgent: bool = False


def _list(name: str, query: str = "") -> str:
    return reverse(f"admin:{name}_changelist") + query


def _waiting(title: str, count: int, address: str) -> Tile:
    return Tile(title, str(count), address, urgent=count > 0)


def tiles(user: Staff) -> list[Tile]:
    """The numbers that the user's role has to do with."""
    may = user.has_perm
    found: list[Tile] = []
    if may("orders.view_order"):
        found += [*_sales(), _orders_to_ship()]
    if may("payments.view_refund"):
        found += _money()
    if may("backoffice.answer_customer"):
        address = _list("conversations_conversation")
        found.append(_waiting("未读会话", conversations.unread_talks(), address))
    if may("backoffice.moderate_review"):
        found += _to_moderate()
    if may("inventory.view_stock"):
        low = Stock.objects.using("default").filter(available__lte=LOW_STOCK).count()
        found.append(_waiting(f"库存不足（≤ {LOW_STOCK}）", low, _list("inventory_stock", "?level=low")))
    return found


def _sales() -> list[Tile]:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = _paid_since(midnight)
    address = _list("orders_order", "?paid=today")
    return [
        Tile("今日销售额", f"¥{today['fen'] / 100:,.2f}", address),
        Tile("今日付款订单", str(today["orders"]), address),
    ]


def _paid_since(moment: datetime) -> dict[str, int]:
    paid = Order.objects.using("default").filter(paid_at__gte=moment, state__in=PAID_FOR)
    found = paid.aggregate(fen=Sum("total_fen"), orders=Count("id"))
    return {"fen": found["fen"] or 0, "orders": found["orders"]}


def _orders_to_ship() -> Tile:
    count = Order.objects.using("default").filter(state=State.PAID).count()
    return _waiting("待发货", count, _list("orders_order", "?state__exact=paid"))


def _money() -> list[Tile]:
    refunds = Refund.objects.using("default")
    asked = refunds.filter(state=Refund.State.REQUESTED).count()
    abnormal = refunds.filter(state=Refund.State.ABNORMAL).count()
    lately = BillCheck.objects.using("default").filter(date__gt=timezone.localdate() - BILL_DAYS)
    differing = sum(len(found) for found in lately.values_list("differences", flat=True))
    return [
        _waiting("待处理退款", asked, _list("payments_refund", "?state__exact=requested")),
        _waiting("退款异常", abnormal, _list("payments_refund", "?state__exact=abnormal")),
        _waiting("对账差异", differing, _list("payments_billcheck")),
        _waiting("可疑交易", Suspicion.objects.using("default").count(), _list("payments_suspicion")),
    ]


def _to_moderate() -> list[Tile]:
    pictures = Upload.objects.using("default").filter(state=Upload.State.CHECKING).count()
    found = [_waiting("待审核图片", pictures, _list("uploads_upload", "?state__exact=checking"))]
    address = reverse("admin:reviews") + "?state=waiting"
    try:
        return [_waiting("待审核评价", reviews.count(state=reviews.State.WAITING), address), *found]
    except ApiError as error:
        log.warning("the dashboard has no reviews: %s", error.message)
        return [Tile("待审核评价", "暂不可用", address), *found]
