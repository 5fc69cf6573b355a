"""A Redis server on a host of the region."""

import json
from dataclasses import replace

from region.errors import RegionError
from region.hosts import HostControl
from region.services import daemon, redis_config
from region.services.redis_config import Seen, Settings

UNIT = "redis-server.service"
CONFIG, DATA, SECRET = "/etc/redis/redis.conf", "/var/lib/redis", "/etc/redis/region-admin"
BASE, MADE = "/etc/redis/region-base.json", "/etc/redis/region-made.json"


class Server:
    """One server, reached from inside its host at the port that it has now."""

    def __init__(self, control: HostControl, port: int) -> None:
        self.control = control
        self._client = ["redis-cli", "-p", str(port)]

    def configure(self, settings: Settings) -> None:
        """Write the configuration, for the next start."""
        self.control.write(CONFIG, redis_config.config(settings), 0o640, "redis")

    def remember(self) -> None:
        """Keep what a server that was just made has for parameters, to set them back to."""
        there = self._look().parameters
        for file in (BASE, MADE):
            self.control.write(file, json.dumps(there, indent=1), 0o600)

    def _kept(self, name: str) -> dict[str, str]:
        file = self.control.root / name.lstrip("/")
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return kept

    def _look(self) -> Seen:
        secret = daemon.kept_secret(self.control, SECRET)
        return redis_config.seen(self.control.run(self._client, stdin=redis_config.look(secret)))

    def look(self) -> Seen | None:
        """The server as it is; None when it or its host is down. Changes nothing."""
        if self.control.leader() is None:
            return None
        try:
            return self._look()
        except RegionError:
            if daemon.active(self.control, UNIT):
                raise
            return None

    def strays(self, seen: Seen) -> dict[str, str]:
        """The parameters that somebody changed since the region set them last, with their values."""
        return redis_config.strays(seen.parameters, self._kept(MADE))

    def reconfigure(self, settings: Settings) -> None:
        """Bring a server to its settings while it runs, whatever it has now.

        Parameters that it doesn't know are passed over.
        """
        daemon.revive(self.control, UNIT)
        if not self._kept(BASE):
            self.remember()
        base = self._kept(BASE)
        settings = replace(settings, parameters=redis_config.known(settings.parameters, base))
        self.configure(settings)
        redis_config.refused(
            self.control.run(self._client, stdin=redis_config.live(settings, self._look(), base))
        )
        after = Server(self.control, settings.port)._look().parameters
        self.control.write(MADE, json.dumps(after, indent=1), 0o600)
