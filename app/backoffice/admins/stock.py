"""Stock: what a stock-taking found is set by inventory's service."""

from typing import Any

from django import forms
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


class StockForm(forms.ModelForm):
    """What a stock-taking found. It counts as the difference to what the form showed, as buyers order meanwhile."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = Stock
        fields = ("available",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Remember what is shown."""
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.instance.available

    def clean(self) -> dict[str, Any]:
        """The stock as it has to be now. Its row is locked until it is saved. Raises ValidationError."""
        cleaned = super().clean() or self.cleaned_data
        if "available" in cleaned and "seen" in cleaned:
            now = Stock.objects.using("default").select_for_update().get(pk=self.instance.pk).available
            found = now + cleaned["available"] - cleaned["seen"]
            if found < 0:
                raise forms.ValidationError(f"期间有新订单，现有库存 {now}，请重新盘点")
            cleaned["available"] = found
        return cleaned


@admin.register(Stock)
class StockAdmin(AuditedAdmin):
    """Stock by SKU."""

    list_display = ("sku_id", "name", "available", "sold")
    list_filter = (LevelFilter,)
    search_fields = ("=sku_id",)
    form = StockForm
    fields = ("sku_id", "name", "sold", "available", "seen")
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
        """Set the stock; what was ordered since the form was shown stays ordered."""
        before = audit.stored(obj)
        services.set_stock(sku_id=obj.pk, available=form.cleaned_data["available"])
        audit.record(request, Deed("盘点", obj._meta.label_lower, obj.pk, before, audit.stored(obj)))
