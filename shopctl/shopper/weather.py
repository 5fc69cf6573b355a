"""What WeChat does with its notifications during a load: the sandbox is told before, and told to stop afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

from shopctl.errors import BadInputError, ShopctlError
from shopctl.shopper.phone import Line
from shopctl.shopper.target import ask

KEPT_SECONDS = 60
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
def over(connect: Callable[[], Line], weather: Mapping[str, Any], *, of: str) -> Iterator[None]:
    """Weather of one load's own for the length of the block, however it ends; what other loads want stays.

    It is asked for again and again, for a minute at a time: a load that is killed takes its weather along.
    """
    if not weather:
        yield
        return
    path = f"/sandbox/weather?of={quote(of)}"
    line, home = connect(), threading.Event()

    def stay() -> None:
        while not home.wait(KEPT_SECONDS / 3):
            # It comes back to what is there: the next time will do.
            with suppress(ShopctlError):
                ask(line, "PUT", f"{path}&seconds={KEPT_SECONDS}", body=weather)

    keeper = threading.Thread(target=stay, name=f"weather of {of}", daemon=True)
    try:
        ask(line, "PUT", f"{path}&seconds={KEPT_SECONDS}", body=weather)
        keeper.start()
        yield
    finally:
        home.set()
        if keeper.ident is not None:
            keeper.join()
        try:
            ask(line, "DELETE", path)
        finally:
            line.close()
