"""Orders. They keep the prices, names and the address of their moment."""

from django.db import models

from orders.states import State

_STATES = [(state.value, state.value) for state in State]


class Order(models.Model):
    """What a user ordered. `due_at` is when the shop has to do something of itself, if its state has such a time."""

    number = models.CharField(max_length=32, unique=True)
    user_id = models.PositiveBigIntegerField()
    idempotency_key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=_STATES, default=State.PENDING.value)
    goods_fen = models.PositiveBigIntegerField()
    freight_fen = models.PositiveBigIntegerField()
    discount_fen = models.PositiveBigIntegerField()
    total_fen = models.PositiveBigIntegerField()
    refunded_fen = models.PositiveBigIntegerField(default=0)
    address = models.JSONField()
    remark = models.CharField(max_length=200, blank=True)
    flash_sale_id = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField()
    pay_until = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user_id", "idempotency_key"], name="order_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(refunded_fen__lte=models.F("total_fen")),
                name="order_refunded_at_most_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["user_id", "id"], name="order_of_user"),
            models.Index(fields=["user_id", "state", "id"], name="order_of_user_in_state"),
            models.Index(fields=["state", "due_at"], name="order_due"),
            models.Index(fields=["paid_at"], name="order_paid_at"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """Some pieces of one SKU."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines")
    sku_id = models.PositiveBigIntegerField()
    product_id = models.PositiveBigIntegerField()
    name = models.CharField(max_length=120)
    attributes = models.JSONField()
    image_key = models.CharField(max_length=200, blank=True)
    price_fen = models.PositiveIntegerField()
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "sku_id"], name="order_line_once_per_sku")]
        indexes = [models.Index(fields=["product_id"], name="order_line_of_product")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} x {self.quantity}"


class OrderEvent(models.Model):
    """What happened to an order, and who did it: `user:7`, `staff:3`, `wechat`, `shop`."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    event = models.CharField(max_length=24)
    by = models.CharField(max_length=32)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.event} by {self.by}"
