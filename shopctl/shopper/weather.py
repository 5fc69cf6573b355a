"""What WeChat does with its notifications during a load: the sandbox is told before, and told to stop afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from shopctl.errors import BadInputError
from shopctl.shopper.phone import Line
from shopctl.shopper.target import ask

CALM: dict[str, Any] = {}
ROUGH: dict[str, Any] = {
    "duplicate": 0.2,
    "late_seconds": 3,
    "reorder": 0.1,
    "lose": 0.05,
    "signtest": 0.05,
    # WeChat repeats after 15 s and more; a load of a minute would never see it.
    "retry_scale": 0.05,
    # Today's bill can be looked at today.
    "bills_at_once": True,
}
NAMED = {"calm": CALM, "rough": ROUGH}


def parse(text: str) -> dict[str, Any]:
    """`calm`, `rough`, or `duplicate=0.2,late_seconds=5`, as the sandbox knows them. Raises BadInputError."""
    if text in NAMED:
        return NAMED[text]
    weather: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        try:
            weather[name] = (
                {"true": True, "false": False}[value] if value in {"true", "false"} else float(value)
            )
        except ValueError:
            equals = ""
        if not name or not equals:
            raise BadInputError(
                f"the weather can't be {part.strip()!r}",
                next_step=f"say {', '.join(NAMED)}, or e.g. duplicate=0.2,late_seconds=5",
            )
    return weather


@contextmanager
def over(sandbox: Line, weather: Mapping[str, Any]) -> Iterator[None]:
    """Weather for the length of the block, however it ends; the sky is clear afterwards."""
    if not weather:
        yield
        return
    try:
        ask(sandbox, "PUT", "/sandbox/weather", body=weather)
        yield
    finally:
        ask(sandbox, "PUT", "/sandbox/weather", body=CALM)
