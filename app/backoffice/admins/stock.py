"""Stock: what a stock-taking found is set by inventory's service."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest

from backoffice import audit
from backoffice.admins.base import AuditedAdmin
from backoffice.audit import Deed
from backoffice.dashboard import LOW_STOCK
from catalog.models import Sku
from inventory import services
from inventory.models import Stock


class LevelFilter(admin.SimpleListFilter):
    """What is about to run out."""

    title = "库存"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("low", f"不足（≤ {LOW_STOCK}）"), ("none", "售罄")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Stock]) -> QuerySet[Stock]:
        """Those of the choice."""
        limits = {"low": LOW_STOCK, "none": 0}
        chosen = limits.get(self.value() or "")
        return queryset if chosen is None else queryset.filter(available__lte=chosen)


@admin.register(Stock)
class StockAdmin(AuditedAdmin):
    """Stock by SKU."""

    list_display = ("sku_id", "name", "available", "sold")
    list_filter = (LevelFilter,)
    search_fields = ("=sku_id",)
    fields = ("sku_id", "name", "sold", "available")
    readonly_fields = ("sku_id", "name", "sold")
    ordering = ("available", "sku_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Stock]:
        """The rows with what they are of, also when it is no longer on sale."""
        sku = Sku.objects.filter(pk=OuterRef("sku_id"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                product=Subquery(sku.values("product__name")[:1]), code=Subquery(sku.values("code")[:1])
            )
        )

    @admin.display(description="商品")
    def name(self, stock: Any) -> str:
        """What it is."""
        return f"{stock.product or '（已删除）'} {stock.code or ''}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A SKU's row is made with the SKU."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Who may set stock."""
        return bool(request.user.has_perm("backoffice.set_stock"))

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        """Set the stock; what was sold since the form was shown is not overwritten."""
        before = audit.stored(obj)
        services.set_stock(sku_id=obj.pk, available=form.cleaned_data["available"])
        audit.record(request, Deed("盘点", obj._meta.label_lower, obj.pk, before, audit.stored(obj)))
