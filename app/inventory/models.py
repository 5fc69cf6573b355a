"""How much there is of what."""

from django.db import models


class Stock(models.Model):
    """One row for each SKU. What a pending order holds is in neither number."""

    sku_id = models.PositiveBigIntegerField(primary_key=True)
    available = models.PositiveIntegerField()
    sold = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(available__gte=0), name="inventory_available_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(sold__gte=0), name="inventory_sold_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.available} of {self.sku_id}"
