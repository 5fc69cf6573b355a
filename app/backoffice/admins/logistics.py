"""Prices of delivery, and parcels."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.admins.base import AuditedAdmin, ReadOnly, ReadOnlyAdmin, for_each, yuan
from logistics import services
from logistics.models import FreightRule, Shipment, TrackingEvent


@admin.register(FreightRule)
class FreightRuleAdmin(AuditedAdmin):
    """What delivery costs."""

    list_display = ("__str__", "base", "free_above", "first_grams", "step_grams", "step")
    ordering = ("province",)

    @admin.display(description="首重运费")
    def base(self, rule: FreightRule) -> str:
        """For the first grams."""
        return yuan(rule.base_fen)

    @admin.display(description="满额包邮")
    def free_above(self, rule: FreightRule) -> str:
        """From which sum on it is free."""
        return yuan(rule.free_above_fen)

    @admin.display(description="续重运费")
    def step(self, rule: FreightRule) -> str:
        """For each further step."""
        return yuan(rule.step_fen)


class TrackingInline(ReadOnly, admin.TabularInline):
    """Where the parcel was."""

    model = TrackingEvent
    fields = ("at", "text")
    readonly_fields = fields


@admin.register(Shipment)
class ShipmentAdmin(ReadOnlyAdmin):
    """Parcels; orders are shipped on their own page."""

    list_display = ("number", "carrier", "tracking_number", "shipped_at", "upload", "upload_error")
    list_filter = ("upload", "carrier")
    search_fields = ("=number", "=tracking_number")
    ordering = ("-id",)
    inlines = (TrackingInline,)
    actions = ("upload_again",)

    def has_ship_permission(self, request: HttpRequest) -> bool:
        """Who ships."""
        return bool(request.user.has_perm("backoffice.ship_order"))

    @admin.action(description="重新上传微信发货信息", permissions=["ship"])
    def upload_again(self, request: HttpRequest, queryset: QuerySet[Shipment]) -> None:
        """Tell WeChat once more."""
        for_each(request, queryset, "重新上传", lambda one: services.upload_again(number=one.number))
