"""The merchant's account at WeChat: made once for a region and kept in its folder, as WeChat's console gives it out."""

import fcntl
import json
import secrets
import string
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from region.settings import RegionSettings

LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Account:
    """What the merchant has: `private_key` and `merchant_public_key` are its own, `public_key` is WeChat Pay's (PEM).

    `push_url` is where WeChat pushes messages to; `push_aes_key` is the EncodingAESKey of 43 characters.
    """

    app_id: str
    app_secret: str = field(repr=False)
    mch_id: str
    certificate_serial: str
    private_key: str = field(repr=False)
    merchant_public_key: str
    api_v3_key: str = field(repr=False)
    public_key_id: str
    public_key: str
    push_token: str = field(repr=False)
    push_aes_key: str = field(repr=False)
    push_url: str = ""

    def to_json(self) -> dict[str, str]:
        """As plain data, secrets included."""
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, str]) -> "Account":
        """What `to_json` made."""
        return cls(**raw)


def create(push_url: str = "") -> tuple[Account, str]:
    """A new account, and WeChat Pay's private key for it."""
    merchant, platform = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    account = Account(
        app_id=f"wx{secrets.token_hex(8)}",
        app_secret=secrets.token_hex(16),
        mch_id=f"19{secrets.randbelow(10**8):08}",
        certificate_serial=secrets.token_hex(20).upper(),
        private_key=_private(merchant),
        merchant_public_key=_public(merchant),
        api_v3_key=_text(32),
        public_key_id=f"PUB_KEY_ID_01{''.join(secrets.choice(string.digits) for _ in range(32))}",
        public_key=_public(platform),
        push_token=_text(32),
        push_aes_key=_aes_key(),
        push_url=push_url,
    )
    return account, _private(platform)


def _private(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def _text(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _aes_key() -> str:
    # 43 characters of base64 are 258 bits: with a last one that has two bits too many set, readers differ.
    return _text(42) + secrets.choice("AEIMQUYcgkosw048")


def server_settings(account: Account, private_key: str) -> dict[str, Any]:
    """The account from WeChat's side: what `server/config.py` wants of it."""
    hidden = ("private_key", "public_key")
    seen = {name: value for name, value in account.to_json().items() if name not in hidden}
    return {**seen, "private_key": private_key}


def home(settings: RegionSettings) -> Path:
    """The folder that has the account and, apart from it, WeChat Pay's private key."""
    return settings.root / "wechat"


def registered(settings: RegionSettings) -> tuple[Account, str] | None:
    """The region's account with WeChat Pay's private key, or None where there is none."""
    file = home(settings) / "account.json"
    if not file.exists():
        return None
    return Account.from_json(json.loads(file.read_text())), (home(settings) / "platform.key").read_text()


def register(settings: RegionSettings, push_url: str = "") -> Account:
    """The region's account, made at the first call. A `push_url` replaces the one that was registered before."""
    settings.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    home(settings).mkdir(exist_ok=True, mode=0o700)
    with (home(settings) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        account, private_key = registered(settings) or create(push_url)
        if push_url and account.push_url != push_url:
            account = replace(account, push_url=push_url)
        # The account last: where it is, the key is too.
        _write(home(settings) / "platform.key", private_key)
        _write(home(settings) / "account.json", json.dumps(account.to_json(), indent=2))
    return account


def _write(file: Path, text: str) -> None:
    if file.exists() and file.read_text() == text:
        return
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    partial.write_text(text)
    partial.rename(file)
