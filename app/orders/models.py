"""Orders. They keep the prices, names and the address of their moment."""

from django.db import models

from orders.states import State

_STATES = [
    (State.PENDING.value, "待付款"),
    (State.PAID.value, "待发货"),
    (State.SHIPPED.value, "已发货"),
    (State.RECEIVED.value, "已收货"),
    (State.COMPLETED.value, "已完成"),
    (State.CANCELLED.value, "已取消"),
    (State.REFUNDING.value, "退款中"),
    (State.REFUNDED.value, "已退款"),
]


class Order(models.Model):
    """What a user ordered. `due_at` is when the shop has to do something of itself, if its state has such a time."""

    number = models.CharField("订单号", max_length=32, unique=True)
    user_id = models.PositiveBigIntegerField("用户")
    idempotency_key = models.CharField("幂等键", max_length=64)
    fingerprint = models.CharField("指纹", max_length=64)
    state = models.CharField("状态", max_length=16, choices=_STATES, default=State.PENDING.value)
    goods_fen = models.PositiveBigIntegerField("商品金额（分）")
    freight_fen = models.PositiveBigIntegerField("运费（分）")
    discount_fen = models.PositiveBigIntegerField("优惠（分）")
    total_fen = models.PositiveBigIntegerField("实付（分）")
    refunded_fen = models.PositiveBigIntegerField("已退款（分）", default=0)
    address = models.JSONField("收货地址")
    remark = models.CharField("备注", max_length=200, blank=True)
    flash_sale_id = models.PositiveBigIntegerField("秒杀", null=True)
    created_at = models.DateTimeField("下单时间")
    pay_until = models.DateTimeField("付款期限")
    paid_at = models.DateTimeField("付款时间", null=True)
    shipped_at = models.DateTimeField("发货时间", null=True)
    received_at = models.DateTimeField("收货时间", null=True)
    closed_at = models.DateTimeField("关闭时间", null=True)
    due_at = models.DateTimeField("到期时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "订单"
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

    order = models.ForeignKey(Order, verbose_name="订单", on_delete=models.PROTECT, related_name="lines")
    sku_id = models.PositiveBigIntegerField("SKU")
    product_id = models.PositiveBigIntegerField("商品编号")
    name = models.CharField("商品", max_length=120)
    attributes = models.JSONField("规格")
    image_key = models.CharField("图片", max_length=200, blank=True)
    price_fen = models.PositiveIntegerField("单价（分）")
    quantity = models.PositiveIntegerField("数量")

    class Meta:
        verbose_name = verbose_name_plural = "订单商品"
        constraints = [models.UniqueConstraint(fields=["order", "sku_id"], name="order_line_once_per_sku")]
        indexes = [models.Index(fields=["product_id"], name="order_line_of_product")]
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} x {self.quantity}"


class OrderEvent(models.Model):
    """What happened to an order, and who did it: `user:7`, `staff:3`, `wechat`, `shop`."""

    order = models.ForeignKey(Order, verbose_name="订单", on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField("时间")
    event = models.CharField("事件", max_length=24)
    by = models.CharField("操作者", max_length=32)

    class Meta:
        verbose_name = verbose_name_plural = "订单动态"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.event} by {self.by}"
