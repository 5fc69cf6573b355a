"""What the staff did, and what it may do besides changing rows."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class AuditEntry(models.Model):
    """One change by a member of the staff. The admin's database account can add and read these, nothing else."""

    at = models.DateTimeField("时间", db_index=True)
    staff_id = models.PositiveBigIntegerField("员工编号")
    staff = models.CharField("员工", max_length=150)
    action = models.CharField("操作", max_length=40)
    label = models.CharField("对象类型", max_length=60)
    object_id = models.CharField("对象编号", max_length=64)
    before = models.JSONField("修改前", null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField("修改后", null=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField("请求编号", max_length=64)
    ip = models.GenericIPAddressField("IP 地址", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "操作记录"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["label", "object_id"], name="audit_of_object"),
            models.Index(fields=["staff_id", "id"], name="audit_of_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.action} {self.label} {self.object_id}"


class Duty(models.Model):
    """Has no rows: its permissions are what the staff does by services instead of forms."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("ship_order", "发货"),
            ("cancel_order", "取消订单"),
            ("refund_order", "退款"),
            ("set_stock", "修改库存"),
            ("moderate_review", "管理评价"),
            ("answer_customer", "回复客服消息"),
            ("revoke_session", "停用用户、注销登录"),
        ]
