"""Payments, refunds and the comparison with WeChat's bills: all read-only, refunds with a merchant's decision."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from backoffice.admins.base import ReadOnlyAdmin, for_each, yuan
from payments import refunds
from payments.models import BillCheck, Payment, Refund, Suspicion


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    """Payments."""

    list_display = ("order_number", "amount", "refunded", "state", "transaction_id", "paid_at")
    list_filter = ("state",)
    search_fields = ("=order_number", "=out_trade_no", "=transaction_id")
    ordering = ("-id",)

    @admin.display(description="金额")
    def amount(self, payment: Payment) -> str:
        """What was to be paid."""
        return yuan(payment.amount_fen)

    @admin.display(description="已退款")
    def refunded(self, payment: Payment) -> str:
        """What went back."""
        return yuan(payment.refunded_fen)


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds: what users asked for waits here for the merchant."""

    list_display = ("out_refund_no", "order_number", "amount", "reason", "by", "state", "created_at")
    list_filter = ("state",)
    list_select_related = ("payment",)
    search_fields = ("=out_refund_no", "=payment__order_number")
    ordering = ("-id",)
    actions = ("agree", "refuse")

    @admin.display(description="订单号")
    def order_number(self, refund: Refund) -> str:
        """The order."""
        return refund.payment.order_number

    @admin.display(description="金额")
    def amount(self, refund: Refund) -> str:
        """How much."""
        return yuan(refund.amount_fen)

    def has_refund_permission(self, request: HttpRequest) -> bool:
        """Who may decide."""
        return bool(request.user.has_perm("backoffice.refund_order"))

    @admin.action(description="同意退款", permissions=["refund"])
    def agree(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Give the money back."""
        for_each(request, queryset, "同意退款", lambda one: refunds.agree(out_refund_no=one.out_refund_no))

    @admin.action(description="拒绝退款", permissions=["refund"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Refund]) -> None:
        """Keep the money; the order goes on."""
        for_each(request, queryset, "拒绝退款", lambda one: refunds.refuse(out_refund_no=one.out_refund_no))


@admin.register(BillCheck)
class BillCheckAdmin(ReadOnlyAdmin):
    """A day's comparison with WeChat's bill."""

    list_display = ("date", "payments", "paid", "refunds", "refunded", "differing", "checked_at")
    ordering = ("-date",)
    fields = ("date", "checked_at", "payments", "paid", "refunds", "refunded", "table")
    readonly_fields = ("paid", "refunded", "table")

    @admin.display(description="收款")
    def paid(self, check: BillCheck) -> str:
        """What came in."""
        return yuan(check.paid_fen)

    @admin.display(description="退款")
    def refunded(self, check: BillCheck) -> str:
        """What went back."""
        return yuan(check.refunded_fen)

    @admin.display(description="差异")
    def differing(self, check: BillCheck) -> int:
        """How many differences."""
        return len(check.differences)

    @admin.display(description="差异明细")
    def table(self, check: BillCheck) -> SafeString | str:
        """Each difference."""
        rows: list[tuple[Any, ...]] = [
            tuple(found.get(name, "") for name in ("kind", "reference", "ours", "theirs"))
            for found in check.differences
        ]
        return format_html_join("", "<p>{} {}：本店 {}，微信 {}</p>", rows) or "无"


@admin.register(Suspicion)
class SuspicionAdmin(ReadOnlyAdmin):
    """What WeChat said and can't be true."""

    list_display = ("kind", "reference", "at")
    list_filter = ("kind",)
    ordering = ("-id",)
