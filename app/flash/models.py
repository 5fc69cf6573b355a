"""Sales of a few pieces at a low price, for which many come at once."""

from django.db import models


class FlashSale(models.Model):
    """A limited SKU at a price of its own. `left` is the truth of how many can still be ordered."""

    sku_id = models.PositiveBigIntegerField()
    price_fen = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    total = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    per_user = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left__gte=0, left__lte=models.F("total")), name="flash_left_within_total"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="flash_ends_after_start"
            ),
            models.CheckConstraint(condition=models.Q(price_fen__gt=0), name="flash_price_positive"),
        ]
        indexes = [models.Index(fields=["ends_at"], name="flash_ends_at")]

    def __str__(self) -> str:
        return f"{self.left}/{self.total} of SKU {self.sku_id}"


class FlashPurchase(models.Model):
    """What an order took of a sale. `released_at` is set when the order was cancelled."""

    sale = models.ForeignKey(FlashSale, on_delete=models.PROTECT, related_name="purchases")
    user_id = models.PositiveBigIntegerField()
    order_number = models.CharField(max_length=32, unique=True)
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sale", "user_id"], name="flash_purchase_of_user")]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.order_number}"
