"""What is logged while WeChat is away: it has neither the app's secret nor the token that calls carry."""

import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings

from core.drivers import redis
from wechat import api, media
from wechat.errors import WechatUnavailableError

SECRET, TOKEN = "s3cret" * 6, "t0ken" * 8


@pytest.fixture(autouse=True)
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens where WeChat should be, and the shop has a token."""
    account = replace(settings.SHOP.wechat, api="http://127.0.0.1:1", app_secret=SECRET)
    monkeypatch.setattr(settings, "SHOP", replace(settings.SHOP, wechat=account))
    redis.client().set(f"wechat:token:{account.app_id}", TOKEN)


@pytest.mark.parametrize(
    "call",
    [
        lambda: api.code_to_session(code="c"),
        lambda: api.check_text(openid="o", scene=api.Scene.COMMENT, text="好"),
        lambda: media.download(media_id="m"),
    ],
    ids=["login", "check", "media"],
)
def test_secrets_stay_out_of_logs(call: Callable[[], object], caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(WechatUnavailableError) as raised:
        call()
    # What the worker writes for a handler that failed.
    logged = caplog.text + "".join(traceback.format_exception(raised.value))
    assert "can't be reached" in logged
    assert SECRET not in logged
    assert TOKEN not in logged
