"""When something is sent again that was not taken. Pure."""

NOTIFICATION = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
"""Seconds between the deliveries of a payment or refund notification (Pay v3, "通知频率")."""
PUSH = (5, 5)
"""Seconds between those of a pushed message: three in all (mini-programs, "消息推送")."""
BY_KIND = {"notification": NOTIFICATION, "push": PUSH}


def pause(kind: str, attempts: int, scale: float) -> float | None:
    """Seconds until the next delivery after so many were not taken, or None when there is none any more."""
    intervals = BY_KIND[kind]
    return intervals[attempts - 1] * scale if attempts <= len(intervals) else None
