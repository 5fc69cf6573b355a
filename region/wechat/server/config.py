"""What the sandbox is started with: the account that it serves, from WeChat's side, and where it listens."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path


@dataclass(frozen=True)
class Config:
    """`private_key` is WeChat Pay's, `merchant_public_key` the merchant's; keys are PEM texts.

    `certificate` and `key` are files for TLS, none for plain HTTP; `trust` a file with the CAs that the shop's
    certificate may be of. `push_url` is where pushed messages go, as the merchant configured it. `public_url` is how
    the sandbox calls itself in addresses that it hands out.
    """

    app_id: str
    app_secret: str = field(repr=False)
    mch_id: str
    certificate_serial: str
    merchant_public_key: str
    api_v3_key: str = field(repr=False)
    public_key_id: str
    private_key: str = field(repr=False)
    push_token: str = field(repr=False)
    push_aes_key: str = field(repr=False)
    database: str
    host: str
    port: int
    push_url: str = ""
    public_url: str = "https://api.mch.weixin.qq.com"
    certificate: str = ""
    key: str = ""
    trust: str = ""


def load(file: Path) -> Config:
    """Read a configuration. Raises `ValueError` naming what is missing or unknown."""
    raw = json.loads(file.read_text())
    known = {each.name for each in fields(Config)}
    if unknown := sorted(set(raw) - known):
        raise ValueError(f"{file}: unknown: {', '.join(unknown)}")
    try:
        return Config(**raw)
    except TypeError as error:
        raise ValueError(f"{file}: {error}") from error
