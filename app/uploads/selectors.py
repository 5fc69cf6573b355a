"""What is known of uploaded pictures."""

from collections.abc import Iterable

from django.conf import settings

from uploads.models import Upload


def url(key: str) -> str:
    """Where a picture is found; empty for no picture."""
    return f"{settings.MEDIA_URL}{key}" if key else ""


def approved(keys: Iterable[str]) -> set[str]:
    """Those of the keys whose pictures everybody may see."""
    wanted = {key for key in keys if key}
    if not wanted:
        return set()
    found = Upload.objects.using("default").filter(key__in=wanted, state=Upload.State.APPROVED)
    return set(found.values_list("key", flat=True))


def states(keys: Iterable[str]) -> dict[str, str]:
    """The state of each picture that is known."""
    wanted = {key for key in keys if key}
    if not wanted:
        return {}
    found = Upload.objects.using("default").filter(key__in=wanted)
    return dict(found.values_list("key", "state"))


def owned(*, user_id: int, keys: Iterable[str]) -> set[str]:
    """Those of the keys that the user uploaded and that were not refused: what they may attach to something."""
    wanted = {key for key in keys if key}
    if not wanted:
        return set()
    found = Upload.objects.using("default").filter(key__in=wanted, user_id=user_id)
    return set(found.exclude(state=Upload.State.REFUSED).values_list("key", flat=True))
