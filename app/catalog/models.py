"""What is sold, and how much of it there is."""

from django.db import models


class Category(models.Model):
    """A shelf of the shop."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """Something that can be put into a cart. Prices are whole fen."""

    sku = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=400, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    price_fen = models.PositiveIntegerField()
    image_key = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["category__position", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(price_fen__gt=0), name="product_price_positive")
        ]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class Stock(models.Model):
    """Apart from the product, because these rows are written by every order and those hardly ever."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="stock")
    available = models.PositiveIntegerField(default=0)
    sold = models.PositiveIntegerField(default=0)

    class Meta:
        # The last line of defence against overselling, should a service ever forget its condition.
        constraints = [
            models.CheckConstraint(condition=models.Q(available__gte=0), name="stock_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.available}"
