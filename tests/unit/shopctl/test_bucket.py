"""The state's bucket as the engine and the S3 client are told of it."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.settings import StateSettings
from shopctl.drivers import bucket

COS = StateSettings(bucket="shop-state-1250000001", region="ap-guangzhou")
OWN = COS.model_copy(update={"endpoint": "https://10.77.240.2", "path_style": True})


def test_cos_is_asked_by_the_buckets_own_name() -> None:
    url = urlsplit(bucket.engine_url(COS))
    assert (url.scheme, url.netloc) == ("s3", "shop-state-1250000001")
    assert parse_qs(url.query) == {
        "region": ["ap-guangzhou"],
        "endpoint": ["https://cos.ap-guangzhou.myqcloud.com"],
    }


def test_another_store_by_its_address() -> None:
    query = parse_qs(urlsplit(bucket.engine_url(OWN)).query)
    assert query["endpoint"] == ["https://10.77.240.2"]
    assert query["s3ForcePathStyle"] == ["true"]


def test_keys_go_by_the_environment_and_never_by_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ID", "KEY"):
        monkeypatch.setenv(f"TENCENTCLOUD_SECRET_{name}", f"value-of-{name}")
    monkeypatch.setenv("TENCENTCLOUD_SECURITY_TOKEN", "short-lived")
    assert bucket.credentials() == {
        "AWS_ACCESS_KEY_ID": "value-of-ID",
        "AWS_SECRET_ACCESS_KEY": "value-of-KEY",
        "AWS_SESSION_TOKEN": "short-lived",
    }
    assert "value-of" not in bucket.engine_url(COS)


@pytest.mark.parametrize("name", ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"])
def test_half_a_key_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_ID", "a")
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "b")
    monkeypatch.delenv(name)
    assert bucket.credentials() == {}
    with pytest.raises(bucket.UnreadableError, match="are not set"):
        bucket.Bucket(COS).get("key")


class Pages:
    """A client of a store that gives two names at a time."""

    def __init__(self, count: int) -> None:
        self._keys = [f"journal/{number:03}" for number in range(count)]

    def list_objects_v2(self, **asked: Any) -> dict[str, Any]:
        begin = int(asked.get("ContinuationToken", "0"))
        written = datetime(2026, 5, 1, tzinfo=UTC)
        return {
            "Contents": [{"Key": key, "LastModified": written} for key in self._keys[begin : begin + 2]],
            "IsTruncated": begin + 2 < len(self._keys),
            "NextContinuationToken": str(begin + 2),
            "ResponseMetadata": {"HTTPHeaders": {"date": "Fri, 01 May 2026 12:00:00 GMT"}},
        }


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_long_list_is_read_to_its_end(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bucket.Bucket(COS)
    monkeypatch.setattr(made, "_client", Pages(count))
    items, now = made.list("journal/")
    assert [item.key for item in items] == [f"journal/{number:03}" for number in range(count)]
    assert now == datetime(2026, 5, 1, 12, tzinfo=UTC)
