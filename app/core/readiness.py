"""Whether this process, and with its peers this host, can serve buyers: everything asked at the same time."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from core import peers
from core.drivers import redis
from shop.needs import USES, Part
from shop.variables import Address

Check = Callable[[], object]
# A peer takes its time for what it uses, and this process for its answer; who asks has an answer within 3 s.
DEADLINE = 2.2
DEADLINE_WITH_PEERS = 2.7
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


# The drivers' libraries take a while to load: a group that doesn't use one is spared it.
def _rabbitmq() -> None:
    from core.drivers import rabbitmq

    rabbitmq.connect(timeout=TIMEOUT).close()


def _mongodb() -> None:
    from core.drivers import mongodb

    mongodb.database().client.admin.command("ping")


def _s3() -> None:
    from core.drivers import storage

    storage.reachable(TIMEOUT)


_CHECKS: dict[Part, Check] = {
    Part.MYSQL: lambda: _database("default"),
    Part.REDIS: lambda: redis.client().ping(),
    Part.RABBITMQ: _rabbitmq,
    Part.MONGODB: _mongodb,
    Part.S3: _s3,
}


def checks() -> dict[str, Check]:
    """What this process has to ask, by name."""
    found: dict[str, Check] = {
        part.value: check for part, check in _CHECKS.items() if part in USES[settings.SHOP.group]
    }
    if "replica" in settings.DATABASES:
        found["replica"] = lambda: _database("replica")
    return found


def _outcome(check: Check) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a library raises is the answer here
        said = str(error) or ", ".join(repr(part) for part in error.args)
        return f"{type(error).__name__}: {said}"[:200]
    return "ok"


def examine(asked: dict[str, Check] | None = None, deadline: float = DEADLINE) -> Readiness:
    """Ask all that this process uses; what has not answered in time is reported as such and left behind."""
    asked = checks() if asked is None else asked
    pool = ThreadPoolExecutor(max_workers=len(asked), thread_name_prefix="readiness")
    running = {name: pool.submit(_outcome, check) for name, check in asked.items()}
    wait(running.values(), timeout=deadline)
    late = f"no answer within {deadline} s"
    states = {name: future.result() if future.done() else late for name, future in running.items()}
    pool.shutdown(wait=False, cancel_futures=True)
    return Readiness(states)


def examine_host() -> Readiness:
    """The same with the other groups on this host: whether each is ready, and what they use besides."""
    told: list[dict[str, str]] = []

    def listening(address: Address) -> Check:
        def check() -> None:
            found = Readiness(peers.dependencies(address, DEADLINE_WITH_PEERS))
            told.append(found.dependencies)
            if not found.ready:
                wrong = (f"{name}: {state}" for name, state in found.dependencies.items() if name in NEEDED)
                raise OSError("not ready: " + ", ".join(wrong))

        return check

    others = {name: listening(address) for name, address in peers.others().items()}
    found = examine({**checks(), **others}, DEADLINE_WITH_PEERS)
    return Readiness({**_worst(told), **found.dependencies})


def _worst(told: Iterable[dict[str, str]]) -> dict[str, str]:
    """What several processes said of the same things: a complaint counts more."""
    worst: dict[str, str] = {}
    for dependencies in list(told):
        for name, state in dependencies.items():
            if worst.get(name, "ok") == "ok":
                worst[name] = state
    return worst
