"""Who buys: users, the sessions that they log in with, and where their orders go."""

from django.db import models


class User(models.Model):
    """A person, known by WeChat's openid, by a phone number, or by both."""

    class Role(models.TextChoices):
        """What a user is in the shop besides its customer."""

        CUSTOMER = "customer", "顾客"
        STAFF = "staff", "店员"

    # Openids differ by upper and lower case, which the database's own collation doesn't tell apart.
    openid = models.CharField(
        "微信", max_length=64, null=True, blank=True, unique=True, db_collation="utf8mb4_bin"
    )
    phone = models.CharField("手机号", max_length=20, null=True, blank=True, unique=True)
    nickname = models.CharField("昵称", max_length=40, default="微信用户")
    avatar_key = models.CharField("头像", max_length=64, blank=True, default="")
    role = models.CharField("身份", max_length=10, choices=Role.choices, default=Role.CUSTOMER)
    created_at = models.DateTimeField("注册时间")
    blocked_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return f"{self.nickname} ({self.pk})"

    @property
    def roles(self) -> list[str]:
        """Everybody is a customer."""
        return sorted({self.Role.CUSTOMER.value, self.role})


class Session(models.Model):
    """One login. Only the token's SHA-256 is kept: who reads the table can't log in with it."""

    token_hash = models.CharField("令牌摘要", max_length=64, unique=True)
    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField("登录时间")
    expires_at = models.DateTimeField("失效时间", db_index=True)
    revoked_at = models.DateTimeField("注销时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录"

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at:%F %T}"


class Address(models.Model):
    """Where a user's orders may go. Orders keep a copy, so an address can be changed or removed at any time."""

    user = models.ForeignKey(User, verbose_name="用户", on_delete=models.CASCADE, related_name="addresses")
    name = models.CharField("收货人", max_length=40)
    phone = models.CharField("电话", max_length=20)
    province = models.CharField("省", max_length=20)
    city = models.CharField("市", max_length=20)
    district = models.CharField("区县", max_length=20, blank=True)
    street = models.CharField("详细地址", max_length=120)
    is_default = models.BooleanField("默认", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "收货地址"

    def __str__(self) -> str:
        return f"{self.name} {self.province}{self.city}{self.district}{self.street}"
