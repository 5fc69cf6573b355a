"""What is sold. How much of it there is, is inventory's."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models


def validate_attributes(value: object) -> None:
    """A SKU's attributes are texts under names, few enough for a chooser."""
    texts = isinstance(value, dict) and all(
        isinstance(part, str) and part for part in (*value, *value.values())
    )
    if not texts or len(value) > 6:  # type: ignore[arg-type]
        raise ValidationError('must be up to six texts under names, such as {"颜色": "黑"}')


class Category(models.Model):
    """A shelf of the shop, or with a `parent` a board of one."""

    parent = models.ForeignKey(
        "self",
        verbose_name="上级分类",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
    )
    slug = models.SlugField("地址", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    image_key = models.CharField("图片", max_length=120, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "商品分类"
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """There are two levels."""
        below = self.pk is not None and self.children.exists()
        if self.parent is not None and (self.parent.parent_id is not None or below or self.parent == self):
            raise ValidationError({"parent": "分类只有两级"})


class Product(models.Model):
    """Something that is sold in one or more variants.

    The columns under "summary" repeat what its SKUs, stock and reviews say, so that lists can be sorted and filtered by
    an index; only `catalog.summary` and `catalog.ratings` write them.
    """

    name = models.CharField("名称", max_length=80)
    subtitle = models.CharField("副标题", max_length=120, blank=True)
    description = models.TextField("描述", max_length=4000, blank=True)
    category = models.ForeignKey(
        Category, verbose_name="分类", on_delete=models.PROTECT, related_name="products"
    )
    on_shelf = models.BooleanField("上架", default=True)
    position = models.PositiveIntegerField("顺序", default=0)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True, db_index=True)

    # Summary. Without a SKU on sale there is no price, and the product is in no list.
    price_fen = models.PositiveIntegerField("价格（分）", null=True, editable=False)
    market_price_fen = models.PositiveIntegerField("划线价（分）", null=True, editable=False)
    image_key = models.CharField("图片", max_length=120, blank=True, editable=False)
    in_stock = models.BooleanField("有货", default=False, editable=False)
    sold = models.PositiveIntegerField("已售", default=0, editable=False)
    rating = models.DecimalField("评分", max_digits=2, decimal_places=1, null=True, editable=False)
    review_count = models.PositiveIntegerField("评价数", default=0, editable=False)
    listed = models.BooleanField("可见", default=False, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "商品"
        # One for each order of a list, of the whole shop and of a category; InnoDB ends each with the id.
        indexes: ClassVar = [
            models.Index(fields=["listed", "position"], name="product_default"),
            models.Index(fields=["listed", "price_fen"], name="product_price"),
            models.Index(fields=["listed", "sold"], name="product_sales"),
            models.Index(fields=["listed", "id"], name="product_newest"),
            models.Index(fields=["listed", "category", "position"], name="product_category_default"),
            models.Index(fields=["listed", "category", "price_fen"], name="product_category_price"),
            models.Index(fields=["listed", "category", "sold"], name="product_category_sales"),
            models.Index(fields=["listed", "category", "id"], name="product_category_newest"),
        ]

    def __str__(self) -> str:
        return self.name


class Sku(models.Model):
    """One variant of a product, the thing that is bought."""

    product = models.ForeignKey(Product, verbose_name="商品", on_delete=models.CASCADE, related_name="skus")
    code = models.CharField("编码", max_length=40, unique=True)
    attributes = models.JSONField(
        "规格", default=dict, blank=True, validators=[validate_attributes], help_text='{"颜色": "黑"}'
    )
    price_fen = models.PositiveIntegerField("价格（分）")
    market_price_fen = models.PositiveIntegerField(
        "划线价（分）", null=True, blank=True, help_text="the price struck out"
    )
    weight_grams = models.PositiveIntegerField("重量（克）", default=0)
    image_key = models.CharField("图片", max_length=120, blank=True)
    active = models.BooleanField("可售", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "规格（SKU）"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(price_fen__gt=0), name="sku_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.product_id}"


class ProductImage(models.Model):
    """A picture of a product, in the media bucket; the first one stands for it in lists."""

    product = models.ForeignKey(Product, verbose_name="商品", on_delete=models.CASCADE, related_name="images")
    key = models.CharField("图片", max_length=120)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "商品图片"
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.key


class Banner(models.Model):
    """A large picture on the home page, leading to a product where there is one."""

    title = models.CharField("标题", max_length=60)
    image_key = models.CharField("图片", max_length=120)
    product = models.ForeignKey(
        Product, verbose_name="商品", on_delete=models.SET_NULL, related_name="banners", null=True, blank=True
    )
    position = models.PositiveSmallIntegerField("顺序", default=0)
    active = models.BooleanField("显示", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "首页横幅"
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["image_key"], name="banner_image_once"),
        ]

    def __str__(self) -> str:
        return self.title
