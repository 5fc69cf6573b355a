"""CDN purge and push: what is done to a cache when they are made, and again when `redo` changes."""

import hashlib
import time

from region import edge_cache, schema
from region.errors import RegionError
from region.resources.base import Properties, Resource, computed

PURGED = 1000
"""URLs of one purge (https://cloud.tencent.com/document/product/228/37870)."""
PUSHED = 500
"""URLs of one push (https://cloud.tencent.com/document/product/228/37871)."""


class _Task(Resource):
    """Something that is done to URLs, rather than something that stands."""

    most: int
    histories: str

    def check(self, inputs: Properties) -> list[schema.Failure]:
        urls = inputs.get("urls")
        if not isinstance(urls, list) or schema.UNKNOWN in urls:
            return []
        if len(urls) > self.most:
            return [("urls", f"has {len(urls)} URLs; one call takes {self.most}")]
        plain = [url for url in urls if not str(url).startswith(("http://", "https://"))]
        return (
            [("urls", f"need http:// or https:// before them: {', '.join(map(str, plain))}")] if plain else []
        )

    def create(self, id_: str, inputs: Properties) -> Properties:
        done = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        task = hashlib.sha256(f"{id_}#{time.time_ns()}".encode()).hexdigest()[:16]
        histories = [
            {"createTime": done, "taskId": task, "url": url, **self.act(url, inputs)}
            for url in self.urls(inputs)
        ]
        return {"taskId": task, self.histories: histories}

    def urls(self, inputs: Properties) -> list[str]:
        return list(inputs["urls"])

    def act(self, url: str, inputs: Properties) -> Properties:
        raise NotImplementedError

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        # As the provider has it: 0 and nothing don't ask for it again.
        if new.get("redo") and new["redo"] != old.get("redo"):
            return self.create(id_, new)
        return computed(old, "taskId", self.histories)

    def delete(self, id_: str, outputs: Properties) -> None:
        """What was done is done."""


class UrlPurge(_Task):
    """Objects taken out of a domain's cache: they are fetched from the origin for their next visitor.

    Equal: done when the resource is made and again when `redo` is another number; with all variants of an object.
    A URL of a domain that isn't there is refused.

    Differs: it is done at once, not within minutes; daily quotas are not counted.
    """

    type = "tencentcloud:Cdn/urlPurge:UrlPurge"
    prefix = "purge"
    most = PURGED
    histories = "purgeHistories"

    def urls(self, inputs: Properties) -> list[str]:
        return edge_cache.encoded(inputs["urls"]) if inputs.get("urlEncode") else list(inputs["urls"])

    def act(self, url: str, inputs: Properties) -> Properties:
        edge_cache.purge(self.region, url)
        return {"flushType": "invalidate", "purgeType": "url", "status": "done"}


class UrlPush(_Task):
    """Objects fetched into a domain's cache before anybody asks for them.

    Equal: done when the resource is made and again when `redo` is another number; the edge asks its origin as it does
    for visitors, with `userAgent`. An object that the origin refuses has the status `fail`.

    Differs: it is done when the call returns; `layer` and `parseM3u8` are kept on record.
    """

    type = "tencentcloud:Cdn/urlPush:UrlPush"
    prefix = "push"
    most = PUSHED
    histories = "pushHistories"

    def act(self, url: str, inputs: Properties) -> Properties:
        try:
            status = edge_cache.push(self.region, url, inputs.get("userAgent") or "TencentCdn")
        except RegionError:
            edge_cache.edge_of(self.region, url)
            # The edge is there and gave no answer: the task has failed, as the cloud records it.
            status = 0
        good = 200 <= status < 400
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        area = inputs.get("area") or "mainland"
        return {
            "area": area,
            "percent": 100 if good else 0,
            "status": "done" if good else "fail",
            "updateTime": now,
        }


RESOURCES = (UrlPurge, UrlPush)
