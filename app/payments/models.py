"""Money: what was paid, what was given back, and how the shop's books compare to WeChat's."""

from django.db import models


class Payment(models.Model):
    """The payment of one order. `out_trade_no` is its name at WeChat, `transaction_id` WeChat's own."""

    class State(models.TextChoices):
        """How far the payment is."""

        OPEN = "open"
        PAID = "paid"
        CLOSED = "closed"

    order_number = models.CharField(max_length=32, unique=True)
    out_trade_no = models.CharField(max_length=32, unique=True)
    openid = models.CharField(max_length=64)
    description = models.CharField(max_length=127)
    amount_fen = models.PositiveBigIntegerField()
    refunded_fen = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    prepay_id = models.CharField(max_length=64, blank=True)
    prepaid_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    transaction_id = models.CharField(max_length=32, null=True, unique=True)
    paid_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(refunded_fen__lte=models.F("amount_fen")),
                name="payment_refunded_at_most_paid",
            )
        ]
        indexes = [
            models.Index(fields=["paid_at"], name="payment_paid_at"),
            models.Index(fields=["state", "expires_at"], name="payment_open"),
        ]

    def __str__(self) -> str:
        return f"{self.out_trade_no} {self.amount_fen} fen"


class Refund(models.Model):
    """Giving back a part of a payment, or all of it. `REQUESTED` waits for the merchant.

    `accepted_at` is when WeChat took the refund on, by its own clock: on that day's bill it has to be.
    """

    class State(models.TextChoices):
        """How far the refund is. ABNORMAL: WeChat could not hand it out, and the merchant has to choose another way."""

        REQUESTED = "requested"
        PROCESSING = "processing"
        ABNORMAL = "abnormal"
        SUCCESS = "success"
        CLOSED = "closed"
        REFUSED = "refused"

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    out_refund_no = models.CharField(max_length=64, unique=True)
    idempotency_key = models.CharField(max_length=64)
    amount_fen = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=80)
    by = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State.choices, default=State.REQUESTED)
    attempts = models.PositiveIntegerField(default=0)
    refund_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    next_look_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "idempotency_key"], name="refund_once_per_key"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="refund_of_something"),
        ]
        indexes = [
            models.Index(fields=["state", "next_look_at"], name="refund_to_look_at"),
            models.Index(fields=["accepted_at"], name="refund_accepted_at"),
        ]

    def __str__(self) -> str:
        return f"{self.out_refund_no} {self.amount_fen} fen"


class Suspicion(models.Model):
    """Something that WeChat said and that can't be true. Nothing was booked; people have to look at it."""

    kind = models.CharField(max_length=32)
    reference = models.CharField(max_length=64)
    details = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="suspicion_once_per_reference")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class BillCheck(models.Model):
    """One day's comparison with WeChat's bill. `differences` is a list of `{"kind", "reference", "ours", "theirs"}`."""

    date = models.DateField(unique=True)
    checked_at = models.DateTimeField()
    payments = models.PositiveIntegerField()
    refunds = models.PositiveIntegerField()
    paid_fen = models.PositiveBigIntegerField()
    refunded_fen = models.PositiveBigIntegerField()
    differences = models.JSONField()

    def __str__(self) -> str:
        return f"{self.date}: {len(self.differences)} differences"
