"""A bucket in memory."""

import threading
import time
from datetime import UTC, datetime

from shopctl.drivers.bucket import Bucket, Item, UnreadableError


class Shelf(Bucket):
    """With a clock of its own. `away`: nobody reaches it; `fetched`: what was read, in that order."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.fetched: list[str] = []
        self.ahead = 0.0
        self.away = False
        self.lock = threading.Lock()

    @property
    def now(self) -> float:
        return time.time() + self.ahead

    def get(self, key: str) -> bytes | None:
        self._reach()
        with self.lock:
            self.fetched.append(key)
            return self.objects.get(key, (None, 0.0))[0]

    def put(self, key: str, content: bytes) -> None:
        self._reach()
        with self.lock:
            self.objects[key] = (content, self.now)

    def delete(self, key: str) -> None:
        self._reach()
        with self.lock:
            self.objects.pop(key, None)

    def list(self, prefix: str) -> tuple[list[Item], datetime]:
        self._reach()
        with self.lock:
            items = [
                Item(key, datetime.fromtimestamp(at, UTC))
                for key, (_, at) in self.objects.items()
                if key.startswith(prefix)
            ]
        return items, datetime.fromtimestamp(self.now, UTC)

    def _reach(self) -> None:
        if self.away:
            raise UnreadableError("the state's bucket shelf cannot be read: no way to it")
