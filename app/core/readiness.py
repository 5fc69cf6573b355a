"""Whether this host can serve buyers: every dependency asked at the same time, with an answer within 3 s."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import connections

from core import peers
from core.drivers import mongodb, rabbitmq, redis, storage

DEADLINE = 2.6
TIMEOUT = 1.5
# Without these nothing can be sold. The others degrade: orders are priced and placed without Redis, the outbox keeps
# messages while RabbitMQ is away, reviews are refused, catalogue reads go to the primary, and nginx serves pictures
# without us.
NEEDED = frozenset({"mysql", "catalogue", "trade", "user"})


@dataclass(frozen=True)
class Readiness:
    """The result, dependency by dependency ("ok" or what is wrong)."""

    dependencies: dict[str, str]

    @property
    def ready(self) -> bool:
        """Every needed dependency works."""
        return all(state == "ok" for name, state in self.dependencies.items() if name in NEEDED)

    @property
    def degraded(self) -> bool:
        """Something, needed or not, doesn't work."""
        return any(state != "ok" for state in self.dependencies.values())


def _database(alias: str) -> None:
    # A connection of its own: the thread's kept one could be fine while new ones are refused, or be in use.
    connection = connections.create_connection(alias)
    if connection.vendor == "mysql":
        limits = {"connect_timeout": 1, "read_timeout": 1, "write_timeout": 1}
        options = {**connection.settings_dict["OPTIONS"], **limits}
        connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _mongodb() -> None:
    mongodb.database().client.admin.command("ping")


def checks() -> dict[str, Callable[[], object]]:
    """What to ask, by name."""
    found: dict[str, Callable[[], object]] = {
        "mysql": lambda: _database("default"),
        "redis": lambda: redis.client().ping(),
        "rabbitmq": lambda: rabbitmq.connect(timeout=TIMEOUT).close(),
        "mongodb": _mongodb,
        "s3": lambda: storage.reachable(TIMEOUT),
    }
    if "replica" in settings.DATABASES:
        found["replica"] = lambda: _database("replica")
    return found


def peer_checks() -> dict[str, Callable[[], object]]:
    """The same for the other groups on this host."""
    return {name: partial(peers.ask, address) for name, address in peers.others().items()}


def _outcome(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the answer here
        said = str(error) or ", ".join(repr(part) for part in error.args)
        return f"{type(error).__name__}: {said}"[:200]
    return "ok"


def examine(asked: dict[str, Callable[[], object]] | None = None) -> Readiness:
    """Ask every dependency; one that has not answered in time is reported as such and left behind."""
    asked = {**checks(), **peer_checks()} if asked is None else asked
    pool = ThreadPoolExecutor(max_workers=len(asked), thread_name_prefix="readiness")
    running = {name: pool.submit(_outcome, check) for name, check in asked.items()}
    wait(running.values(), timeout=DEADLINE)
    late = f"no answer within {DEADLINE} s"
    states = {name: future.result() if future.done() else late for name, future in running.items()}
    pool.shutdown(wait=False, cancel_futures=True)
    return Readiness(states)
