"""Who handles which message, and what has to be done from time to time. Filled by the domains' decorators."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps

Handler = Callable[[dict[str, Any]], None]
Act = Callable[[], None]


class Later(Exception):  # noqa: N818 - it is no error: the message comes again, and that doesn't count as a failure
    """Raised by a handler when it isn't time yet."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds} s")
        self.seconds = seconds


class Unprocessable(Exception):  # noqa: N818 - named for what it says of the message
    """Raised by a handler for a message that will never be handled: it is kept for people to look at."""


@dataclass(frozen=True)
class Job:
    """Periodic work. `lease_seconds` is how long nobody else begins it after the one who does was killed."""

    name: str
    seconds: float
    lease_seconds: float
    act: Act


HANDLERS: dict[str, Handler] = {}
JOBS: dict[str, Job] = {}


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Let a function handle a topic's messages. Messages can come twice and in any order: it has to be idempotent.

    What it raises makes the message come again, later each time; after `handling.ATTEMPTS` it is given up and kept.
    """

    def register(handler: Handler) -> Handler:
        assert topic not in HANDLERS, f"{topic} has a handler already"
        HANDLERS[topic] = handler
        return handler

    return register


def every(*, seconds: float, lease_seconds: float = 120) -> Callable[[Act], Act]:
    """Let one of the workers call a function this often. It has to bear being cut off anywhere and begun again."""

    def register(act: Act) -> Act:
        name = f"{act.__module__.removesuffix('.jobs')}.{act.__name__}"
        assert name not in JOBS, f"there are two jobs named {name}"
        JOBS[name] = Job(name, seconds, lease_seconds, act)
        return act

    return register


def discover() -> None:
    """Import the handlers and jobs of every domain."""
    for app in apps.get_app_configs():
        for part in ("messages", "jobs"):
            name = f"{app.name}.{part}"
            if not app.name.startswith("django.") and find_spec(name) is not None:
                import_module(name)
