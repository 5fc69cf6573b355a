"""What a shopper holds: sends the calls of its journeys, again when no answer comes, and keeps the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shopctl.drivers.http_session import NoAnswerError, Reply
from shopctl.shopper import visits
from shopctl.shopper.calls import ALREADY_PAID, Answer, Call, Journey, Server, TroubleError
from shopctl.shopper.history import Doubt
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Meter
from shopctl.shopper.people import Shopper

# Somebody between us and the shop, or the shop itself, says: not now.
AGAIN = frozenset({429, 502, 503, 504})
# How long the waits between repeats grow.
LONGEST_PAUSE_SECONDS = 2.0


class Line(Protocol):
    """A connection to a server."""

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Reply: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Manner:
    """`think`: seconds between two steps, from and to; `patience`: seconds until a shopper gives up."""

    think: tuple[float, float] = (0.1, 0.6)
    patience: float = 20.0


class LeftError(Exception):
    """The shopper was told to go home."""


class Phone:
    """One shopper's. `pause` waits, and returns whether the shopper is to go home."""

    def __init__(
        self,
        shopper: Shopper,
        lines: Mapping[Server, Line],
        ledger: Ledger,
        meter: Meter,
        manner: Manner,
        pause: Callable[[float], bool],
    ) -> None:
        self.shopper = shopper
        self._lines, self._ledger, self._meter = lines, ledger, meter
        self._manner, self._pause = manner, pause
        self._leaving = False

    def walk(self, journey: Journey) -> None:
        """A journey from its beginning to its end. Raises TroubleError, LeftError."""
        low, high = self._manner.think
        self._go(journey, lambda call: call.wait or self.shopper.random.uniform(low, high))

    def hurry(self, journey: Journey) -> None:
        """The same without thinking between the steps."""
        self._go(journey, lambda call: call.wait)

    def _go(self, journey: Journey, wait: Callable[[Call], float]) -> None:
        try:
            call = next(journey)
            while True:
                self._leaving = self._pause(wait(call))
                if self._leaving:
                    raise LeftError
                call = journey.send(self.send(call))
        except StopIteration:
            return
        finally:
            journey.close()

    def send(self, call: Call) -> Answer:
        """One call, with its repeats and its lines in the ledger. Raises TroubleError for what must not be."""
        asked = {"path": call.path, "body": call.body, "key": call.key, "method": call.method}
        mine = None
        if call.record and call.record != "paid":
            mine = self._ledger.intend(call.record, self.shopper.name, call.about, asked)
        answer = self._ask(call)
        if answer.status == 401 and self.shopper.token and call.to == "shop":
            # The session has ended, or went with what a restored database never knew.
            self.shopper.token = None
            self.walk(visits.log_in(self.shopper))
            answer = self._ask(call)
        self._keep(call, answer, mine, asked)
        if answer.good or answer.status in call.may:
            if not answer.good:
                self._meter.refused(answer.code)
            return answer
        if answer.status == 0 and not call.repeat and call.record is None:
            # The journey knows what to do instead.
            self._meter.repeated()
            return answer
        if self._leaving:
            raise LeftError
        self._meter.failed(call.step, answer.code)
        where = f" by {answer.host}" if answer.host else ""
        raise TroubleError(answer.code, f"{call.method} {call.path}: {answer.status} {answer.code}{where}")

    def resolve(self, doubt: Doubt) -> bool:
        """Ask again what got no answer, under the same key; whether there is one now.

        A message has no key: whether it arrived or not, nobody was told that it did.
        """
        if doubt.what == "message":
            self._ledger.settle(doubt.id, "open", {})
            return True
        told = doubt.request
        server: Server = "sandbox" if doubt.what == "payment" else "shop"
        call = Call("resolve", told["method"], told["path"], told["body"], to=server, key=told["key"])
        answer = self._once(call)
        if not answer.status or answer.status >= 500 or answer.status == 429:
            return False
        self._settle(doubt.id, call, answer)
        return True

    def close(self) -> None:
        """Give the connections up."""
        for line in self._lines.values():
            line.close()

    def _keep(self, call: Call, answer: Answer, mine: int | None, asked: Mapping[str, Any]) -> None:
        if call.record == "paid":
            # Looking changes nothing: only what was seen is worth a line.
            if not answer.good or answer["state"] == "pending":
                return
            mine = self._ledger.intend("paid", self.shopper.name, call.about, asked)
        if mine is not None:
            self._settle(mine, call, answer)

    def _settle(self, mine: int, call: Call, answer: Answer) -> None:
        if answer.good or answer.code == ALREADY_PAID:
            shown = call.to == "shop" and isinstance(answer.body, dict) and "total_fen" in answer.body
            self._ledger.settle(mine, "acknowledged", {"order": answer.body} if shown else {})
        elif 400 <= answer.status < 500:
            self._ledger.settle(mine, "refused", {"status": answer.status, "code": answer.code})
        else:
            self._ledger.settle(mine, "doubt", {"code": answer.code})

    def _ask(self, call: Call) -> Answer:
        """Until there is an answer, or the shopper's patience is at its end."""
        limit, wait = time.monotonic() + self._manner.patience, 0.1
        while True:
            answer = self._once(call)
            if answer.status and answer.status not in AGAIN:
                return answer
            if not call.repeat or time.monotonic() + wait > limit:
                return answer
            self._meter.repeated()
            self._leaving = self._pause(wait)
            if self._leaving:
                return answer
            wait = min(wait * 2, LONGEST_PAUSE_SECONDS)

    def _once(self, call: Call) -> Answer:
        headers = self.shopper.headers(guest=call.guest) if call.to == "shop" else {}
        if call.key:
            headers["Idempotency-Key"] = call.key
        began = time.monotonic()
        try:
            reply = self._lines[call.to].request(call.method, call.path, headers=headers, body=call.body)
        except NoAnswerError as error:
            return Answer(0, code=error.code)
        self._meter.answered(call.step, time.monotonic() - began)
        return Answer(reply.status, reply.body, "" if reply.status < 400 else _code(reply), reply.host)


def _code(reply: Reply) -> str:
    """The shop's word for its refusal, or WeChat's, or at least the status."""
    body = reply.body if isinstance(reply.body, dict) else {}
    error = body.get("error", body)
    return str(error["code"]) if isinstance(error, dict) and "code" in error else f"http_{reply.status}"
