"""What every interface of the sandbox works with."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from region.wechat.server import signing, weather
from region.wechat.server.config import Config
from region.wechat.server.store import Store
from region.wechat.server.weather import Spell, Weather


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
        usual = weather.parse(self.store.setting("weather") or {})
        return weather.current(usual, self._spells(), self.now())

    def have_weather(self, raw: Mapping[str, Any], *, of: str = "", seconds: float = 0.0) -> None:
        """From now on; or, `of` somebody, until so many seconds have passed or they end it. Raises SandboxError."""
        wanted = weather.parse(raw)
        if not of:
            self.store.set("weather", wanted.to_json())
            return
        now = self.now()
        spells = weather.begun(self._spells(), Spell(of, now + seconds, wanted), now)
        self.store.set("spells", [spell.to_json() for spell in spells])

    def end_weather(self, *, of: str) -> None:
        """Somebody's; what others want stays."""
        self.store.set("spells", [spell.to_json() for spell in weather.ended(self._spells(), of)])

    @property
    def push_url(self) -> str:
        """Where pushed messages go; empty where nobody said so."""
        return str(self.store.setting("push_url") or self.config.push_url)

    def _spells(self) -> list[Spell]:
        return [Spell.parse(kept) for kept in self.store.setting("spells") or []]

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
