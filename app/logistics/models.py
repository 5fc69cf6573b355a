"""What delivery costs, and where parcels are."""

from django.db import models

from logistics import carriers, uploading
from logistics.provinces import canonical
from logistics.uploading import Upload


class FreightRule(models.Model):
    """The price of delivery to a province; the one without a province is for all others."""

    province = models.CharField(
        "省份", max_length=20, blank=True, default="", unique=True, help_text="空：其他省份"
    )
    base_fen = models.PositiveIntegerField("首重运费（分）")
    free_above_fen = models.PositiveIntegerField("满额包邮（分）", null=True, blank=True)
    first_grams = models.PositiveIntegerField("首重（克）", default=1000)
    step_grams = models.PositiveIntegerField("续重单位（克）", default=1000)
    step_fen = models.PositiveIntegerField("续重运费（分）", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "运费规则"
        constraints = [
            models.CheckConstraint(condition=models.Q(step_grams__gt=0), name="freight_step_positive")
        ]

    def __str__(self) -> str:
        return self.province or "其他省份"

    def clean(self) -> None:
        """Keep the province's short name, by which rules are found."""
        self.province = canonical(self.province)


class Shipment(models.Model):
    """An order's parcel, and whether WeChat knows of it: until it does, the order's money stays frozen.

    `uploads` counts what WeChat has accepted. `upload_due_at` is when somebody has to see why it still has not.
    """

    number = models.CharField("订单号", max_length=32, unique=True)
    carrier = models.CharField("快递公司", max_length=20, choices=carriers.CHOICES)
    tracking_number = models.CharField("运单号", max_length=40)
    items = models.CharField("商品", max_length=120)
    contact = models.CharField("收件人电话", max_length=20, blank=True)
    shipped_at = models.DateTimeField("发货时间")
    upload = models.CharField(
        "微信发货信息", max_length=8, choices=uploading.CHOICES, default=Upload.PENDING.value
    )
    uploads = models.PositiveSmallIntegerField("上传次数", default=0)
    uploaded_at = models.DateTimeField("上传时间", null=True, blank=True)
    upload_error = models.CharField("微信拒绝原因", max_length=300, blank=True, default="")
    upload_due_at = models.DateTimeField("上传期限", null=True, blank=True, db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "发货"

    def __str__(self) -> str:
        return f"{self.number} {self.tracking_number}"


class TrackingEvent(models.Model):
    """Something that happened to a parcel."""

    shipment = models.ForeignKey(
        Shipment, verbose_name="发货", on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField("时间")
    text = models.CharField("内容", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "物流动态"
        constraints = [models.UniqueConstraint(fields=["shipment", "at", "text"], name="tracking_event_once")]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.text}"
