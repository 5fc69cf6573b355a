"""Sales of a few pieces at a low price, for which many come at once."""

from django.db import models


class FlashSale(models.Model):
    """A limited SKU at a price of its own. `left` is the truth of how many can still be ordered."""

    sku_id = models.PositiveBigIntegerField("SKU 编号")
    price_fen = models.PositiveIntegerField("秒杀价（分）")
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    total = models.PositiveIntegerField("数量")
    left = models.PositiveIntegerField("剩余")
    per_user = models.PositiveIntegerField("每人限购", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "秒杀活动"
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

    sale = models.ForeignKey(
        FlashSale, verbose_name="秒杀活动", on_delete=models.PROTECT, related_name="purchases"
    )
    user_id = models.PositiveBigIntegerField("用户")
    order_number = models.CharField("订单号", max_length=32, unique=True)
    quantity = models.PositiveIntegerField("数量")
    created_at = models.DateTimeField("下单时间")
    released_at = models.DateTimeField("释放时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "秒杀订单"
        indexes = [models.Index(fields=["sale", "user_id"], name="flash_purchase_of_user")]

    def __str__(self) -> str:
        return f"{self.quantity} for {self.order_number}"
