"""Money: what was paid, what was given back, and how the shop's books compare to WeChat's."""

from django.db import models


class Payment(models.Model):
    """The payment of one order. `out_trade_no` is its name at WeChat, `transaction_id` WeChat's own."""

    class State(models.TextChoices):
        """How far the payment is."""

        OPEN = "open", "待付款"
        PAID = "paid", "已付款"
        CLOSED = "closed", "已关闭"

    order_number = models.CharField("订单号", max_length=32, unique=True)
    out_trade_no = models.CharField("商户单号", max_length=32, unique=True)
    openid = models.CharField("OpenID", max_length=64)
    description = models.CharField("描述", max_length=127)
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    refunded_fen = models.PositiveBigIntegerField("已退款（分）", default=0)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    prepay_id = models.CharField("预支付编号", max_length=64, blank=True)
    prepaid_at = models.DateTimeField("预支付时间", null=True)
    expires_at = models.DateTimeField("失效时间")
    transaction_id = models.CharField("微信交易号", max_length=32, null=True, unique=True)
    paid_at = models.DateTimeField("付款时间", null=True)
    created_at = models.DateTimeField("创建时间")

    class Meta:
        verbose_name = verbose_name_plural = "支付"
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

        REQUESTED = "requested", "待处理"
        PROCESSING = "processing", "退款中"
        ABNORMAL = "abnormal", "异常"
        SUCCESS = "success", "已退款"
        CLOSED = "closed", "已关闭"
        REFUSED = "refused", "已拒绝"

    payment = models.ForeignKey(
        Payment, verbose_name="支付", on_delete=models.PROTECT, related_name="refunds"
    )
    out_refund_no = models.CharField("退款单号", max_length=64, unique=True)
    idempotency_key = models.CharField("幂等键", max_length=64)
    amount_fen = models.PositiveBigIntegerField("金额（分）")
    reason = models.CharField("原因", max_length=80)
    by = models.CharField("申请人", max_length=32)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.REQUESTED)
    attempts = models.PositiveIntegerField("提交次数", default=0)
    refund_id = models.CharField("微信退款号", max_length=32, blank=True)
    created_at = models.DateTimeField("申请时间")
    next_look_at = models.DateTimeField("下次查询", null=True)
    accepted_at = models.DateTimeField("受理时间", null=True)
    refunded_at = models.DateTimeField("到账时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "退款"
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

    kind = models.CharField("类型", max_length=32)
    reference = models.CharField("单号", max_length=64)
    details = models.JSONField("详情")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "可疑交易"
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="suspicion_once_per_reference")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class BillCheck(models.Model):
    """One day's comparison with WeChat's bill. `differences` is a list of `{"kind", "reference", "ours", "theirs"}`."""

    date = models.DateField("日期", unique=True)
    checked_at = models.DateTimeField("对账时间")
    payments = models.PositiveIntegerField("收款笔数")
    refunds = models.PositiveIntegerField("退款笔数")
    paid_fen = models.PositiveBigIntegerField("收款（分）")
    refunded_fen = models.PositiveBigIntegerField("退款（分）")
    differences = models.JSONField("差异")

    class Meta:
        verbose_name = verbose_name_plural = "对账结果"

    def __str__(self) -> str:
        return f"{self.date}: {len(self.differences)} differences"
