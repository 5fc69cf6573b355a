"""Coupons and flash sales."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from backoffice.admins.base import AuditedAdmin, ReadOnlyAdmin, yuan
from catalog import selectors as catalog
from coupons.models import Coupon, UserCoupon
from flash.models import FlashPurchase, FlashSale


class CouponForm(forms.ModelForm):
    """A kind of coupon."""

    class Meta:
        model = Coupon
        fields = ("name", "threshold_fen", "discount_fen", "total", "per_user", "valid_from", "valid_until")

    def clean_total(self) -> int:
        """Not fewer than were claimed. The row is locked until it is saved, as users claim meanwhile."""
        total = int(self.cleaned_data["total"])
        if self.instance.pk:
            coupon = Coupon.objects.using("default").select_for_update().get(pk=self.instance.pk)
            if total < coupon.claimed:
                raise forms.ValidationError(f"已领取 {coupon.claimed} 张，发行量不能更少")
        return total


@admin.register(Coupon)
class CouponAdmin(AuditedAdmin):
    """Kinds of coupons. What was claimed keeps its terms: only the time and the number can be changed later."""

    form = CouponForm
    columns_of_services = True
    list_display = ("name", "threshold", "discount", "claimed", "total", "valid_from", "valid_until")
    search_fields = ("name",)
    ordering = ("-valid_until",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The terms, once somebody has the coupon."""
        return ("threshold_fen", "discount_fen") if obj and obj.claimed else ()

    @admin.display(description="满")
    def threshold(self, coupon: Coupon) -> str:
        """From which sum on."""
        return yuan(coupon.threshold_fen)

    @admin.display(description="减")
    def discount(self, coupon: Coupon) -> str:
        """How much."""
        return yuan(coupon.discount_fen)


@admin.register(UserCoupon)
class UserCouponAdmin(ReadOnlyAdmin):
    """Who has which coupon."""

    list_display = ("coupon", "user_id", "state", "order_number", "claimed_at", "used_at")
    list_filter = ("state",)
    list_select_related = ("coupon",)
    search_fields = ("=user_id", "=order_number")
    ordering = ("-id",)


class FlashSaleForm(forms.ModelForm):
    """A sale; how many are left follows from how many there are in all."""

    class Meta:
        model = FlashSale
        fields = ("sku_id", "price_fen", "starts_at", "ends_at", "total", "per_user")

    def clean_sku_id(self) -> int:
        """A SKU that is on sale. Raises ValidationError."""
        sku_id = int(self.cleaned_data["sku_id"])
        if sku_id not in catalog.skus_for_sale(sku_ids=[sku_id]):
            raise forms.ValidationError("没有这个在售的 SKU")
        return sku_id


@admin.register(FlashSale)
class FlashSaleAdmin(AuditedAdmin):
    """Flash sales. How many pieces there are is fixed when a sale is made: what is left belongs to the orders."""

    form = FlashSaleForm
    columns_of_services = True
    list_display = ("sku_id", "price", "starts_at", "ends_at", "left", "total", "per_user")
    ordering = ("-starts_at",)

    @admin.display(description="秒杀价")
    def price(self, sale: FlashSale) -> str:
        """Of one piece."""
        return yuan(sale.price_fen)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """How many there are is fixed when the sale is made."""
        return ("sku_id", "total") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As long as nothing was sold."""
        untouched = obj is None or not FlashPurchase.objects.using("default").filter(sale=obj).exists()
        return untouched and bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool) -> None:
        """A new sale has all of its pieces left."""
        if not change:
            obj.left = obj.total
        super().save_model(request, obj, form, change)


@admin.register(FlashPurchase)
class FlashPurchaseAdmin(ReadOnlyAdmin):
    """What was taken of flash sales."""

    list_display = ("sale", "user_id", "order_number", "quantity", "created_at", "released_at")
    list_select_related = ("sale",)
    search_fields = ("=order_number", "=user_id")
    ordering = ("-id",)
