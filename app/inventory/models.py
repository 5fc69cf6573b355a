"""How much there is of what."""

from django.db import models


class Stock(models.Model):
    """One row for each SKU. What a pending order holds is in neither number."""

    sku_id = models.PositiveBigIntegerField("SKU 编号", primary_key=True)
    available = models.PositiveIntegerField("可售库存")
    sold = models.PositiveIntegerField("已售", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "库存"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(available__gte=0), name="inventory_available_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(sold__gte=0), name="inventory_sold_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.available} of {self.sku_id}"
