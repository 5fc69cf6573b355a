"""What every interface of the sandbox works with."""

import random
import time
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from region.wechat.server import signing, weather
from region.wechat.server.config import Config
from region.wechat.server.store import Store
from region.wechat.server.weather import Weather


@dataclass
class Sandbox:
    """The account, the store, the keys and the dice."""

    config: Config
    store: Store
    own_key: rsa.RSAPrivateKey
    merchant_key: rsa.RSAPublicKey
    dice: random.Random = field(default_factory=random.Random)

    @property
    def weather(self) -> Weather:
        """What goes wrong just now."""
        return weather.parse(self.store.setting("weather") or {})

    @property
    def push_url(self) -> str:
        """Where pushed messages go; empty where nobody said so."""
        return str(self.store.setting("push_url") or self.config.push_url)

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()


def open_sandbox(config: Config) -> Sandbox:
    """The sandbox of a configuration, with what it knew before."""
    return Sandbox(
        config,
        Store(config.database),
        signing.private_key(config.private_key),
        signing.public_key(config.merchant_public_key),
    )
