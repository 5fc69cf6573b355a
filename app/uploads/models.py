"""Pictures that people upload."""

from django.db import models


class Upload(models.Model):
    """A picture in the media bucket. `user_id` is empty for the staff's, which need no check."""

    class State(models.TextChoices):
        """What WeChat's content check says; while it says nothing, only the picture's owner sees it."""

        CHECKING = "checking", "审核中"
        APPROVED = "approved", "已通过"
        REFUSED = "refused", "已拒绝"

    key = models.CharField("文件", max_length=64, unique=True)
    user_id = models.PositiveBigIntegerField("用户", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.CHECKING)
    trace_id = models.CharField("审核编号", max_length=64, null=True, blank=True, unique=True)
    asked_at = models.DateTimeField("送审时间", null=True, blank=True)
    asked_times = models.PositiveSmallIntegerField("重新送审次数", default=0)
    created_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "用户图片"
        indexes = [
            models.Index(fields=["user_id", "created_at"], name="uploads_of_user"),
            models.Index(fields=["state", "created_at"], name="uploads_waiting"),
        ]

    def __str__(self) -> str:
        return self.key
