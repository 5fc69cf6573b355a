"""Categories, products with their SKUs and pictures, banners, stock."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString

from backoffice.admins.base import AuditedAdmin, for_each, yuan
from backoffice.admins.pictures import PictureForm, preview
from catalog import services
from catalog.models import Banner, Category, Product, ProductImage, Sku
from inventory import services as stocks
from inventory.models import Stock


class SkuForm(PictureForm):
    """A SKU, its picture by file."""

    class Meta:
        model = Sku
        fields = ("code", "attributes", "price_fen", "market_price_fen", "weight_grams", "active")
        help_texts = {"attributes": '例如 {"颜色": "黑"}', "market_price_fen": ""}
        widgets = {
            "code": forms.TextInput(attrs={"size": 16}),
            "attributes": forms.Textarea(attrs={"rows": 2, "cols": 22}),
        }


class SkuInline(admin.TabularInline):
    """A product's SKUs. Orders keep copies of what they need of one, so that it can be deleted at any time."""

    model = Sku
    form = SkuForm
    extra = 0
    readonly_fields = ("stock",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Sku]:
        """The SKUs with their stock."""
        levels = Stock.objects.filter(pk=OuterRef("pk")).values("available")[:1]
        return super().get_queryset(request).annotate(available=Subquery(levels))

    @admin.display(description="库存")
    def stock(self, sku: Any) -> str:
        """How many there are; the stock's page changes it."""
        return str(sku.available or 0) if sku.pk else "保存后设置"


class ImageForm(PictureForm):
    """A picture by file."""

    picture_column = "key"

    class Meta:
        model = ProductImage
        fields = ("position",)


class ImageInline(admin.TabularInline):
    """A product's pictures."""

    model = ProductImage
    form = ImageForm
    extra = 0
    readonly_fields = ("shown",)

    @admin.display(description="预览")
    def shown(self, image: ProductImage) -> SafeString | str:
        """The picture."""
        return preview(image.key)


@admin.register(Product)
class ProductAdmin(AuditedAdmin):
    """Products; every answer of the shop shows a change from its commit on."""

    list_display = ("shown", "name", "category", "price", "sold", "in_stock", "on_shelf")
    list_display_links = ("name",)
    list_filter = ("on_shelf", "category")
    list_select_related = ("category",)
    search_fields = ("name", "subtitle", "skus__code")
    fields = ("name", "subtitle", "category", "description", "position", "on_shelf")
    inlines = (SkuInline, ImageInline)
    actions = ("put_on_shelf", "take_off_shelf")

    @admin.display(description="图片")
    def shown(self, product: Product) -> SafeString | str:
        """The picture of its cards."""
        return preview(product.image_key)

    @admin.display(description="价格", ordering="price_fen")
    def price(self, product: Product) -> str:
        """The lowest price of its SKUs."""
        return yuan(product.price_fen)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save SKUs and pictures too, then let the shop know."""
        super().save_related(request, form, formsets, change)
        product: Product = form.instance
        skus = set(product.skus.values_list("pk", flat=True))
        for sku_id in sorted(skus - set(Stock.objects.filter(pk__in=skus).values_list("pk", flat=True))):
            stocks.set_stock(sku_id=sku_id, available=0)
        services.product_changed(product.pk)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a product."""
        number = obj.pk
        super().delete_model(request, obj)
        services.product_changed(number)

    @admin.action(description="上架", permissions=["change"])
    def put_on_shelf(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Show products."""
        for_each(request, queryset, "上架", lambda product: _set_shelf(product, on_shelf=True))

    @admin.action(description="下架", permissions=["change"])
    def take_off_shelf(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Hide products."""
        for_each(request, queryset, "下架", lambda product: _set_shelf(product, on_shelf=False))


def _set_shelf(product: Product, *, on_shelf: bool) -> None:
    Product.objects.using("default").filter(pk=product.pk).update(on_shelf=on_shelf)
    services.product_changed(product.pk)


class CategoryForm(PictureForm):
    """A category, its picture by file."""

    class Meta:
        model = Category
        fields = ("name", "slug", "parent", "position")


class BannerForm(PictureForm):
    """A banner, its picture by file."""

    class Meta:
        model = Banner
        fields = ("title", "product", "position", "active")


class _Shelves(AuditedAdmin):
    """What the shop's shelves are made of."""

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        """Save a row."""
        super().save_model(request, obj, form, change)
        services.shelves_changed()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a row."""
        super().delete_model(request, obj)
        services.shelves_changed()

    @admin.display(description="图片")
    def shown(self, obj: Any) -> SafeString | str:
        """The picture."""
        return preview(obj.image_key)


@admin.register(Category)
class CategoryAdmin(_Shelves):
    """Categories."""

    form = CategoryForm
    list_display = ("name", "slug", "parent", "position", "shown")
    list_select_related = ("parent",)


@admin.register(Banner)
class BannerAdmin(_Shelves):
    """Banners of the home page."""

    form = BannerForm
    list_display = ("title", "shown", "product", "position", "active")
    list_select_related = ("product",)
    raw_id_fields = ("product",)
