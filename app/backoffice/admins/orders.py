"""Orders: read-only, with what may be done to them by services."""

import secrets
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from backoffice import audit
from backoffice.admins.base import ReadOnly, ReadOnlyAdmin, attempt, by, yuan
from backoffice.audit import Deed
from logistics import carriers
from logistics import services as logistics
from logistics.models import Shipment
from orders import services
from orders.models import Order, OrderEvent, OrderLine
from orders.states import PAID_FOR, Event, State, allowed
from payments import refunds
from payments.models import Payment, Refund
from payments.refunds import Wish

EVENTS = {
    Event.PAY: "付款",
    Event.CANCEL: "取消",
    Event.SHIP: "发货",
    Event.RECEIVE: "收货",
    Event.COMPLETE: "完成",
    Event.ASK_REFUND: "申请退款",
    Event.REFUND_ALL: "全部退款",
    Event.RESUME_PAID: "恢复待发货",
    Event.RESUME_SHIPPED: "恢复已发货",
    Event.RESUME_RECEIVED: "恢复已收货",
}


class ShipForm(forms.Form):
    """A parcel."""

    carrier = forms.ChoiceField(label="快递公司", choices=carriers.CHOICES)
    tracking_number = forms.CharField(label="运单号", max_length=40)


class RefundForm(forms.Form):
    """Money back. The key makes a form that is sent twice one refund."""

    amount = forms.DecimalField(
        label="金额（元，空为全部剩余）", required=False, min_value=0.01, max_digits=10, decimal_places=2
    )
    reason = forms.CharField(label="原因", max_length=80)
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)


class LineInline(ReadOnly, admin.TabularInline):
    """What was ordered."""

    model = OrderLine
    fields = ("name", "attributes", "price", "quantity")
    readonly_fields = fields

    @admin.display(description="单价")
    def price(self, line: OrderLine) -> str:
        """For one piece."""
        return yuan(line.price_fen)


class EventInline(ReadOnly, admin.TabularInline):
    """What happened to it."""

    model = OrderEvent
    fields = ("at", "what", "by")
    readonly_fields = fields

    @admin.display(description="事件")
    def what(self, event: OrderEvent) -> str:
        """In Chinese, where it is one of the state machine's."""
        return EVENTS.get(event.event, event.event)  # type: ignore[call-overload]


class PaidFilter(admin.SimpleListFilter):
    """Orders paid today."""

    title = "付款时间"
    parameter_name = "paid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("today", "今天")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        """Those of the choice."""
        if self.value() != "today":
            return queryset
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        return queryset.filter(paid_at__gte=midnight, state__in=PAID_FOR)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders."""

    list_display = ("number", "user_id", "state", "total", "created_at", "paid_at", "shipped_at")
    list_filter = ("state", PaidFilter)
    search_fields = ("=number", "=user_id")
    ordering = ("-id",)
    inlines = (LineInline, EventInline)
    change_form_template = "backoffice/order.html"
    fields = (
        ("number", "state", "user_id"),
        ("goods", "freight", "discount"),
        ("total", "refunded"),
        "delivery",
        "remark",
        ("created_at", "paid_at", "shipped_at"),
        ("received_at", "closed_at"),
    )

    @admin.display(description="实付")
    def total(self, order: Order) -> str:
        """What is to be paid."""
        return yuan(order.total_fen)

    @admin.display(description="商品金额")
    def goods(self, order: Order) -> str:
        """Of the goods."""
        return yuan(order.goods_fen)

    @admin.display(description="运费")
    def freight(self, order: Order) -> str:
        """Of the delivery."""
        return yuan(order.freight_fen)

    @admin.display(description="优惠")
    def discount(self, order: Order) -> str:
        """By a coupon."""
        return yuan(order.discount_fen)

    @admin.display(description="已退款")
    def refunded(self, order: Order) -> str:
        """What went back."""
        return yuan(order.refunded_fen)

    @admin.display(description="收货地址")
    def delivery(self, order: Order) -> str:
        """Where it goes."""
        names = ("name", "phone", "province", "city", "district", "street")
        return " ".join(str(order.address.get(name, "")) for name in names)

    def get_urls(self) -> list[URLPattern]:
        """What may be done to an order, besides Django's pages."""
        view = self.admin_site.admin_view
        own = [
            path("<int:object_id>/ship/", view(self.ship), name="orders_order_ship"),
            path("<int:object_id>/refund/", view(self.refund), name="orders_order_refund"),
            path("<int:object_id>/cancel/", view(self.cancel), name="orders_order_cancel"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An order, and the forms for what may be done to it now by this member of the staff."""
        order = self.get_object(request, object_id)
        more = _forms(request, order) if order else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    def ship(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Send it off, or correct its parcel."""

        def act(order: Order, form: ShipForm) -> None:
            logistics.ship(number=order.number, by=by(request), **form.cleaned_data)

        return self._do(request, object_id, ("ship_order", "发货"), ShipForm(request.POST), act)

    def refund(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Give money back; the merchant agrees by asking."""

        def act(order: Order, form: RefundForm) -> None:
            amount, said = form.cleaned_data["amount"], form.cleaned_data
            fen = None if amount is None else int(amount * 100)
            wish = Wish(fen, said["reason"], by(request), f"staff-{said['key']}", agreed=True)
            refunds.ask(number=order.number, wish=wish)

        return self._do(request, object_id, ("refund_order", "退款"), RefundForm(request.POST), act)

    def cancel(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Cancel an order that isn't paid."""

        def act(order: Order, form: forms.Form) -> None:
            services.cancel(number=order.number, user_id=order.user_id, by=by(request))

        return self._do(request, object_id, ("cancel_order", "取消订单"), forms.Form(request.POST), act)

    def _do(
        self,
        request: HttpRequest,
        object_id: int,
        duty: tuple[str, str],
        form: Any,
        act: Callable[[Order, Any], None],
    ) -> HttpResponse:
        permission, title = duty
        if request.method != "POST" or not request.user.has_perm(f"backoffice.{permission}"):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.using("default"), pk=object_id)
        if not form.is_valid():
            messages.error(
                request, " ".join(str(error) for errors in form.errors.values() for error in errors)
            )
        else:
            before = audit.snapshot(order)
            if attempt(request, lambda: act(order, form)):
                after = (audit.stored(order) or {}) | {"form": _said(form)}
                audit.record_on(request, order, Deed(title, "orders.order", order.number, before, after))
                messages.success(request, f"{title}：已提交")
        return redirect(reverse("admin:orders_order_change", args=[order.pk]))


def _said(form: forms.Form) -> dict[str, str]:
    return {name: str(value) for name, value in form.cleaned_data.items() if name != "key"}


def _forms(request: HttpRequest, order: Order) -> dict[str, Any]:
    may, state = request.user.has_perm, State(order.state)
    payment = Payment.objects.using("default").filter(order_number=order.number).first()
    shipment = Shipment.objects.using("default").filter(number=order.number).first()
    found: dict[str, Any] = {"order": order, "payment": payment, "shipment": shipment}
    if payment and may("payments.view_refund"):
        found["refunds"] = Refund.objects.using("default").filter(payment=payment).order_by("id")
    if may("backoffice.ship_order") and (allowed(state, Event.SHIP) or shipment):
        said = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number} if shipment else {}
        found["ship_form"] = ShipForm(initial=said)
    late = state == State.CANCELLED and payment is not None and payment.state == Payment.State.PAID
    if may("backoffice.refund_order") and (late or allowed(state, Event.ASK_REFUND)):
        found["refund_form"] = RefundForm(initial={"key": secrets.token_hex(12)})
    found["may_cancel"] = may("backoffice.cancel_order") and allowed(state, Event.CANCEL)
    return found
