"""Messages that still have to be sent, and who is doing which periodic work."""

from django.db import models


class OutboxMessage(models.Model):
    """Written in the transaction that it tells about, so it exists exactly if that was committed.

    `not_before` is when it may be handled at the earliest, `attempts` how often the broker refused it.
    """

    topic = models.CharField(max_length=64)
    body = models.JSONField()
    broadcast = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["sent_at", "id"], name="outbox_pending")]

    def __str__(self) -> str:
        return f"{self.topic} {self.pk}"


class JobRun(models.Model):
    """A periodic job: when it is due, and until when whoever began it has it for themselves."""

    name = models.CharField(max_length=96, primary_key=True)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
