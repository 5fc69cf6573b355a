"""The account that a region has at WeChat."""

import re
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from region import settings
from region.settings import RegionSettings
from region.wechat.account import Account, create, register, registered, server_settings
from region.wechat.server.config import Config
from region.wechat.server.signing import private_key, public_key, sign, verify


@pytest.fixture
def region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RegionSettings:
    monkeypatch.setattr(settings, "REGIONS_ROOT", tmp_path)
    return RegionSettings("none", "10.77.0.0/16", "10.77.240.0/20", "10.77.255.1")


def test_it_is_made_once_and_kept_to_oneself(region: RegionSettings) -> None:
    assert registered(region) is None
    first = register(region)
    assert register(region) == first
    files = [file for file in (region.root / "wechat").iterdir() if file.name != "lock"]
    assert {file.name for file in files} == {"account.json", "platform.key"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((region.root / "wechat").stat().st_mode) == 0o700


def test_another_push_address_changes_nothing_else(region: RegionSettings) -> None:
    first = register(region, "https://a.test/push")
    second = register(region, "https://b.test/push")
    assert asdict(second) == {**asdict(first), "push_url": "https://b.test/push"}
    assert register(region) == second


def test_its_parts_have_wechats_shapes() -> None:
    account, _ = create()
    assert re.fullmatch(r"wx[0-9a-f]{16}", account.app_id)
    assert re.fullmatch(r"[0-9a-f]{32}", account.app_secret)
    assert re.fullmatch(r"[0-9]{10}", account.mch_id)
    assert re.fullmatch(r"[0-9A-F]{40}", account.certificate_serial)
    assert re.fullmatch(r"[0-9A-Za-z]{32}", account.api_v3_key)
    assert re.fullmatch(r"PUB_KEY_ID_[0-9]+", account.public_key_id)
    assert re.fullmatch(r"[0-9A-Za-z]{43}", account.push_aes_key)


def test_the_keys_belong_together() -> None:
    account, platform = create()
    assert verify(public_key(account.public_key), sign(private_key(platform), "a"), "a")
    mine = public_key(account.merchant_public_key)
    assert verify(mine, sign(private_key(account.private_key), "a"), "a")
    assert not verify(mine, sign(private_key(platform), "a"), "a")


def test_it_is_written_and_read_without_loss_and_shown_without_secrets() -> None:
    account, _ = create("https://a.test/push")
    assert Account.from_json(account.to_json()) == account
    shown = repr(account)
    for secret in (account.app_secret, account.private_key, account.api_v3_key, account.push_token):
        assert secret not in shown
    assert "PRIVATE" not in shown


def test_the_sandboxs_own_settings_show_no_secret() -> None:
    account, platform = create()
    config = Config(**server_settings(account, platform), database="", host="", port=1)
    assert "PRIVATE" not in repr(config)
    assert account.api_v3_key not in repr(config)
