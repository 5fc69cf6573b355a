"""Times as WeChat writes them: Beijing's."""

import datetime

BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def rfc3339(seconds: float) -> str:
    """2026-01-02T03:04:05+08:00."""
    return datetime.datetime.fromtimestamp(int(seconds), BEIJING).isoformat()


def clock(seconds: float) -> str:
    """2026-01-02 03:04:05, as in a bill."""
    return datetime.datetime.fromtimestamp(int(seconds), BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day(seconds: float) -> datetime.date:
    """The day in Beijing."""
    return datetime.datetime.fromtimestamp(seconds, BEIJING).date()


def bounds(date: datetime.date) -> tuple[float, float]:
    """When a day in Beijing begins and when the next one does."""
    begin = datetime.datetime.combine(date, datetime.time(), BEIJING)
    return begin.timestamp(), (begin + datetime.timedelta(days=1)).timestamp()


def parse(text: str) -> float:
    """Seconds of an RFC 3339 text. Raises `ValueError` where it is none or lacks its offset."""
    if len(text) < 20 or text[10] != "T":
        raise ValueError(f"{text!r} is no RFC 3339 time")
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    return moment.timestamp()
