"""Orders, and the messages about them that still have to be sent."""

from django.db import models


class Order(models.Model):
    """What a buyer ordered. Lines keep the names and prices of that moment."""

    class Status(models.TextChoices):
        """How far the order is."""

        PLACED = "placed"
        CONFIRMED = "confirmed"

    number = models.CharField(max_length=32, unique=True)
    buyer = models.CharField(max_length=64)
    idempotency_key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PLACED)
    total_fen = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="order_once_per_key")
        ]
        indexes = [models.Index(fields=["status", "announced_at"], name="order_unconfirmed")]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """One product of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    price_fen = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "product"], name="line_once_per_product")]
        ordering = ["product_id"]

    def __str__(self) -> str:
        return f"{self.name} x {self.quantity}"


class OutboxMessage(models.Model):
    """Written in the transaction that it tells about, so it exists exactly if that was committed."""

    class Topic(models.TextChoices):
        """Where the message goes."""

        ORDER_PLACED = "order.placed"
        ACTIVITY = "activity"

    topic = models.CharField(max_length=32, choices=Topic.choices)
    body = models.JSONField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sent_at", "topic", "id"], name="outbox_pending")]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"
