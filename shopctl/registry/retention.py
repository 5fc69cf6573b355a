"""Which images of the registry are old. Pure.

A registry doesn't tell when an image was pushed, so the tag does: `20261128-160512-0193773b4456`, in UTC, before the
release.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime

_TAG = re.compile(r"(\d{8}-\d{6})-([0-9a-f]{12})")


def tag(release: str, pushed: datetime) -> str:
    """The tag of a release that is pushed at that moment (UTC)."""
    return f"{pushed:%Y%m%d-%H%M%S}-{release}"


def release_of(name: str) -> str | None:
    """The release that a tag is of; None for a tag that somebody else made."""
    match = _TAG.fullmatch(name)
    return match[2] if match else None


def surplus(tags: Iterable[str], *, keep: int, needed: Collection[str]) -> list[str]:
    """The tags that may go, oldest first: of all but the `keep` releases that were pushed last and the `needed` ones.

    Tags that somebody else made stay.
    """
    ours = {name: release for name in tags if (release := release_of(name))}
    newest = dict.fromkeys(ours[name] for name in sorted(ours, reverse=True))
    spared = {*list(newest)[:keep], *needed}
    return sorted(name for name, release in ours.items() if release not in spared)
