"""Times as people and journals write them."""

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Seconds since the epoch as `2026-05-01T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
