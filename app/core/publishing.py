"""Bringing many files into a bucket, above all those of a release."""

import hashlib
import mimetypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings

from core import frontend
from core.drivers import storage
from core.drivers.storage import Object
from core.static import files, published_name

_AT_ONCE = 8
# The name changes with the content, so a copy never goes stale.
FOREVER = "public, max-age=31536000, immutable"


def publish(bucket: str, objects: Sequence[Object], *, by: Callable[[], Any] = storage.client) -> int:
    """Upload what the bucket doesn't have in this form yet; how many those were."""
    client = by()  # Made here: the first call isn't safe in several threads.
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return sum(pool.map(lambda one: storage.put_if_changed(bucket, one, client), objects))


def static_objects() -> list[Object]:
    """Every static file, as it should be in the bucket."""
    found = []
    for name, path in files().items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        found.append(Object(published_name(name), path.read_bytes(), kind, FOREVER))
    return found


def publish_release(*, trusting: bool = False) -> int:
    """Upload the static files and the web page of this release; how many files changed.

    Those of earlier releases stay, as those may still be serving. `trusting` asks for each set as a whole, and not for
    each of its files, whether it is there: most releases have the same ones.
    """
    page = frontend.objects()
    changed = sum(_publish_set(found, trusting=trusting) for found in (static_objects(), page[:-1]))
    # The index last: by then everything that it names is there.
    return changed + publish(settings.SHOP.storage.static_bucket, page[-1:], by=storage.publisher)


def _publish_set(objects: Sequence[Object], *, trusting: bool) -> int:
    bucket, client = settings.SHOP.storage.static_bucket, storage.publisher()
    mark = _mark(objects)
    if trusting and storage.same(bucket, mark, client):
        return 0
    changed = publish(bucket, objects, by=storage.publisher)
    storage.put_if_changed(bucket, mark, client)
    return changed


def _mark(objects: Sequence[Object]) -> Object:
    """Written when the whole set is there, under a name that changes with any of it."""
    digest = hashlib.sha256()
    for one in objects:
        told = (one.key, one.content_type, one.cache_control, hashlib.sha256(one.content).hexdigest())
        digest.update("\0".join(told).encode() + b"\n")
    return Object(f"whole/{digest.hexdigest()[:24]}", b"", "text/plain; charset=utf-8", FOREVER)
