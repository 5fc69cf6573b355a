"""Coupons: what the shop gives out, and what each user has of it."""

from django.db import models
from django.db.models import F, Q


class Coupon(models.Model):
    """A kind of coupon: so much off an order of at least so much. `total` can be claimed in all, `per_user` by one."""

    name = models.CharField("名称", max_length=60)
    threshold_fen = models.PositiveIntegerField("满（分）")
    discount_fen = models.PositiveIntegerField("减（分）")
    total = models.PositiveIntegerField("发行量")
    per_user = models.PositiveSmallIntegerField("每人限领", default=1)
    claimed = models.PositiveIntegerField("已领", default=0, editable=False)
    valid_from = models.DateTimeField("开始时间")
    valid_until = models.DateTimeField("结束时间")

    class Meta:
        verbose_name = verbose_name_plural = "优惠券"
        indexes = [models.Index(fields=["valid_until", "valid_from"], name="coupon_valid")]
        constraints = [
            # What is paid must stay above zero: WeChat takes no payment of nothing.
            models.CheckConstraint(
                condition=Q(discount_fen__lt=F("threshold_fen")), name="coupon_discount_below"
            ),
            models.CheckConstraint(condition=Q(discount_fen__gt=0), name="coupon_discount_positive"),
            models.CheckConstraint(condition=Q(claimed__lte=F("total")), name="coupon_claimed_bounded"),
            models.CheckConstraint(condition=Q(valid_from__lt=F("valid_until")), name="coupon_valid_order"),
        ]

    def __str__(self) -> str:
        return self.name


class UserCoupon(models.Model):
    """A coupon that a user has claimed. `number` counts the user's of one kind, so that no two can be the same one."""

    class State(models.TextChoices):
        """Whether an order has it; whether it has expired is a matter of the coupon's time."""

        UNUSED = "unused", "未使用"
        USED = "used", "已使用"

    coupon = models.ForeignKey(Coupon, verbose_name="优惠券", on_delete=models.PROTECT)
    user_id = models.PositiveBigIntegerField("用户")
    number = models.PositiveSmallIntegerField("第几张")
    state = models.CharField("状态", max_length=6, choices=State.choices, default=State.UNUSED)
    order_number = models.CharField("订单号", max_length=32, null=True, blank=True, unique=True)
    claimed_at = models.DateTimeField("领取时间")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "用户优惠券"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "coupon", "number"], name="user_coupon_number"),
            models.CheckConstraint(
                condition=Q(state="unused", order_number=None) | Q(state="used", order_number__isnull=False),
                name="user_coupon_used_by_an_order",
            ),
        ]
        indexes = [models.Index(fields=["user_id", "state"], name="user_coupon_of_user")]

    def __str__(self) -> str:
        return f"{self.coupon_id}/{self.user_id}/{self.number}"
