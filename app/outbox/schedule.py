"""Periodic jobs, each done by one worker at a time, whoever comes first."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from core import metrics
from outbox.models import JobRun
from outbox.registry import JOBS, Job

log = logging.getLogger("shop.worker")


def claim(job: Job, now: datetime) -> bool:
    """Take a job that is due and that nobody else is at. Whoever dies at it loses it when the lease ends."""
    rows = JobRun.objects.using("default").filter(name=job.name)
    until = now + timedelta(seconds=job.lease_seconds)
    if rows.filter(due_at__lte=now, leased_until__lte=now).update(leased_until=until):
        return True
    if not rows.exists():
        JobRun.objects.using("default").bulk_create(
            [JobRun(name=job.name, due_at=now, leased_until=now)], ignore_conflicts=True
        )
    return False


def finish(job: Job, began: datetime) -> None:
    """Give a job back, to be due again."""
    due = began + timedelta(seconds=job.seconds)
    JobRun.objects.using("default").filter(name=job.name).update(due_at=due, leased_until=began)


def run_due() -> int:
    """Do every job that is due; how many. One that fails is logged, and due again after its time."""
    done = 0
    for job in JOBS.values():
        began = timezone.now()
        if not claim(job, began):
            continue
        try:
            job.act()
        except Exception:
            metrics.JOBS_FAILED.labels(job.name).inc()
            log.exception("job %s failed", job.name)
        else:
            metrics.JOBS_DONE.labels(job.name).inc()
        finish(job, began)
        done += 1
    return done
