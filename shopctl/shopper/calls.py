"""What a journey asks for, and what it gets: requests and answers as plain data."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

Record: TypeAlias = Literal["order", "payment", "paid", "cancel", "receive", "refund", "review", "message"]
"""What the ledger keeps. `payment` is what the person did at WeChat, `paid` what the shop says of it."""
Server: TypeAlias = Literal["shop", "sandbox"]
PREFIX = "/api/v1"
ALREADY_PAID = "ORDERPAID"
"""WeChat's word when somebody pays again, because the first answer got lost."""


@dataclass(frozen=True)
class Call:
    """One request of a step. `step` is the name under which it is measured.

    `key`: the Idempotency-Key, which makes it safe to send again. `repeat`: whether it is sent again when no answer
    came. `may`: refusals that are no fault of the shop's; the journey decides what to do then. `wait`: seconds before.
    `record` and `about`: the ledger's line, and what it is about (an order's number, a text).
    """

    step: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    to: Server = "shop"
    key: str | None = None
    repeat: bool = True
    may: frozenset[int] = frozenset()
    wait: float = 0.0
    record: Record | None = None
    about: str = ""
    guest: bool = False


@dataclass(frozen=True)
class Answer:
    """What came. `status` 0: nothing, and `code` says why; for a refusal `code` is the shop's own word.

    `host`: which of the shop's hosts it came from, where that is known.
    """

    status: int
    body: Any = None
    code: str = ""
    host: str = ""

    @property
    def good(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    def __getitem__(self, name: str) -> Any:
        """A field of the answer. Raises Trouble when the server left it out."""
        try:
            return self.body[name]
        except (KeyError, TypeError, IndexError):
            raise TroubleError("malformed", f"the answer has no {name!r}") from None


Value = TypeVar("Value")
Journey: TypeAlias = Generator[Call, Answer, None]
Asking: TypeAlias = Generator[Call, Answer, Value]


class TroubleError(Exception):
    """A journey can't go on: the shop did what it must not, or gave no answer. It is counted under its code."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


def get(step: str, path: str, **more: Any) -> Call:
    """Read from the shop."""
    return Call(step, "GET", PREFIX + path, **more)


def post(step: str, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Call:
    """Have the shop do something."""
    return Call(step, "POST", PREFIX + path, body, **more)


def put(step: str, path: str, body: Mapping[str, Any], **more: Any) -> Call:
    """Set something to what is sent, however often."""
    return Call(step, "PUT", PREFIX + path, body, **more)


def delete(step: str, path: str, **more: Any) -> Call:
    """Take something away."""
    return Call(step, "DELETE", PREFIX + path, **more)


def at_wechat(step: str, path: str, body: Mapping[str, Any], **more: Any) -> Call:
    """What the person does in WeChat, played by the sandbox."""
    return Call(step, "POST", f"/sandbox{path}", body, to="sandbox", **more)
