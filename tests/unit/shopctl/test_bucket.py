"""The state's bucket as the engine and the S3 client are told of it."""

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
