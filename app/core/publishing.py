"""Bringing many files into a bucket."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from core.drivers.storage import Object, client, put_if_changed

_AT_ONCE = 8


def publish(bucket: str, objects: Sequence[Object]) -> int:
    """Upload what the bucket doesn't have in this form yet; how many those were."""
    client()  # Made here: the first call isn't safe in several threads.
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return sum(pool.map(lambda one: put_if_changed(bucket, one), objects))
