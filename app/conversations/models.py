"""Talks between customers and the shop's staff."""

from django.db import models


class Conversation(models.Model):
    """A customer's only talk. Who writes in WeChat's own chat without ever having logged in has an openid only."""

    user_id = models.PositiveBigIntegerField("用户", null=True, unique=True)
    openid = models.CharField("OpenID", max_length=64, null=True, unique=True)
    # What opens WeChat's window for answers (`conversations.window`), and what was answered since.
    wrote_at = models.DateTimeField("微信来信时间", null=True)
    entered_at = models.DateTimeField("进入会话时间", null=True)
    pushed = models.PositiveIntegerField("窗口内已推送", default=0)
    unread = models.PositiveIntegerField("未读", default=0)
    read_id = models.PositiveBigIntegerField("已读至", default=0)
    last_at = models.DateTimeField("最近消息")
    last_text = models.CharField("最近内容", max_length=80, default="")

    class Meta:
        verbose_name = verbose_name_plural = "客服会话"
        ordering = ["-last_at"]
        indexes = [
            models.Index(fields=["last_at"], name="conversations_latest"),
            models.Index(fields=["unread"], name="conversations_unread"),
        ]

    def __str__(self) -> str:
        return f"用户 {self.user_id}" if self.user_id else f"微信访客 {self.openid}"


class Message(models.Model):
    """One message. Ids grow in the order in which a talk's messages become visible (its row is locked to write)."""

    class Sender(models.TextChoices):
        """Who wrote it."""

        CUSTOMER = "customer", "顾客"
        STAFF = "staff", "客服"

    class Kind(models.TextChoices):
        """What it is."""

        TEXT = "text", "文字"
        IMAGE = "image", "图片"

    class Delivery(models.TextChoices):
        """What became of an answer in WeChat's chat; the mini-program itself always shows it."""

        NONE = "none", "—"
        WAITING = "waiting", "推送中"
        SENT = "sent", "已推送到微信"
        NOTIFIED = "notified", "已发订阅消息"
        CLOSED = "closed", "未推送到微信（超出回复时限）"
        FAILED = "failed", "未推送到微信（失败）"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.CharField(max_length=8, choices=Sender.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text = models.CharField(max_length=1000, default="")
    image_key = models.CharField(max_length=64, default="")
    at = models.DateTimeField()
    staff = models.CharField("客服", max_length=150, default="")
    wechat_id = models.CharField(max_length=32, null=True, unique=True)
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.NONE)

    class Meta:
        verbose_name = verbose_name_plural = "客服消息"
        ordering = ["id"]
        indexes = [models.Index(fields=["conversation", "sender", "at"], name="conversations_pace")]

    def __str__(self) -> str:
        return self.text[:40] or self.get_kind_display()
