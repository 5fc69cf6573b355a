"""The crash matrix: at each step of order and payment something dies, and nothing that was acknowledged is lost.

A shopper buys, pays and takes the money back, as its mini-program does: what gets no answer is sent again under its
key. The moment before the step's request leaves, Redis, RabbitMQ, a web host or the workers are killed; they come back
while the shopper goes on. In the end its ledger, the shop and WeChat must agree.
"""

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from region.hosts import HostControl, all_hosts
from shopctl import load
from shopctl.drivers.http_session import Reply
from shopctl.environment import Environment
from shopctl.report import Report
from shopctl.shopper import aftermath, purchases, survey
from shopctl.shopper.calls import Journey, Server
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Meter
from shopctl.shopper.people import Shopper
from shopctl.shopper.phone import Line, Manner, Phone
from tests.stack.conftest import ENVIRONMENT, Stack, until_healthy
from tests.stack.test_firewall import control

Fault = Callable[[Stack], None]


def crash(name: str) -> None:
    """Kill a host as a power cut would, and boot it again."""
    host: HostControl = control(name)
    leader = host.leader()
    assert leader, f"{name} does not run"
    os.kill(leader, signal.SIGKILL)
    host.stop()
    host.boot()


ORDERS = 2
"""Carts that a shopper fills at most until there is an order."""


def of_kind(kind: str) -> str:
    return next(host.name for host in all_hosts(ENVIRONMENT) if host.kind == kind)


def kill_workers(stack: Stack) -> None:
    for host in stack.outputs["hosts"]:
        if host["role"] == "web":
            control(host["name"]).run(["systemctl", "kill", "--signal=SIGKILL", "shop-worker-*"])


FAULTS: dict[str, Fault] = {
    "Redis": lambda _: crash(of_kind("redis")),
    "RabbitMQ": lambda _: crash(of_kind("rabbitmq")),
    "a web host": lambda _: crash("web-1"),
    "the workers": kill_workers,
}


@dataclass(frozen=True)
class Step:
    """The first request to `server` that looks like this; with `refunding`, only after the money was asked back."""

    server: Server
    request: str
    refunding: bool = False


STEPS = {
    "filling the cart": Step("shop", r"POST .*/cart/items"),
    "checkout": Step("shop", r"POST .*/checkout"),
    "placing the order": Step("shop", r"POST .*/orders"),
    "asking to pay": Step("shop", r"POST .*/pay"),
    "paying at WeChat": Step("sandbox", r"POST .*/pay"),
    "waiting for the payment": Step("shop", r"(GET .*/orders/[^/]+|POST .*/sync)"),
    "asking for the money back": Step("shop", r"POST .*/refunds"),
    "waiting for the refund": Step("shop", r"GET .*/orders/[^/]+", refunding=True),
}


@dataclass
class Tripwire:
    """A line to a server on which the request of a step sets something off."""

    line: Line
    server: Server
    step: Step
    go: Callable[[], None]
    refunding: bool = False

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Reply:
        here = self.server == self.step.server and re.fullmatch(self.step.request, f"{method} {path}")
        if here and self.refunding >= self.step.refunding:
            self.go()
        self.refunding |= path.endswith("/refunds")
        return self.line.request(method, path, headers=headers, body=body)

    def close(self) -> None:
        self.line.close()


class Once:
    """Runs a fault in the background at the first call, and tells whether it was called."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._begun = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def __call__(self) -> None:
        if not self._begun.is_set():
            self._begun.set()
            self._thread = threading.Thread(target=self._run)
            self._thread.start()

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001 - raised again by `finish`, in the test's own thread
            self._error = error

    def finish(self) -> None:
        assert self._thread, "the step never came"
        self._thread.join()
        if self._error:
            raise self._error


def life(shopper: Shopper, seen: list[str]) -> Journey:
    """Buy, pay, take the money back."""
    placed = None
    for _ in range(ORDERS):
        # A login while Redis is away leaves the guest's cart where it was, so that the user's is empty: as a person
        # would, the shopper fills it again.
        placed = placed or (yield from purchases.order(shopper))
    assert placed, "the order was refused"
    seen.append(placed["number"])
    paid = yield from purchases.pay(shopper, placed)
    assert paid, "the payment was refused"
    yield from purchases.refund(shopper, paid)


@pytest.fixture(scope="module")
def target(stack: Stack) -> Iterator[load.Target]:
    yield load.target(Environment.load(ENVIRONMENT), Report(quiet=True))
    until_healthy()


def _opened(closing: ExitStack, target: load.Target) -> dict[Server, Line]:
    """Lines to each server, which are closed whatever comes of the test."""
    lines = target.lines()
    for line in lines.values():
        closing.callback(line.close)
    return lines


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", STEPS)
def test_nothing_acknowledged_is_lost(
    stack: Stack, target: load.Target, tmp_path: Path, step: str, fault: str
) -> None:
    case = f"{fault} dies at {step}"
    once = Once(lambda: FAULTS[fault](stack))
    with ExitStack() as opened:
        lines, own = (_opened(opened, target) for _ in range(2))
        there = survey.assortment(lines["shop"], Random(case), products=4)
        shopper = Shopper("s1", f"shopper of {case} {os.urandom(4).hex()}", Random(os.urandom(8)), there)
        file, seen = tmp_path / "ledger.jsonl", list[str]()
        wired: dict[Server, Line] = {
            server: Tripwire(line, server, STEPS[step], once) for server, line in own.items()
        }
        with Ledger(file) as kept:
            kept.note("stock", **survey.noted(survey.counted(lines["shop"], there, survey.guest_of(case))))
            kept.note("began", load=case, people={shopper.name: shopper.person}, environment=ENVIRONMENT)
            phone = Phone(
                shopper, wired, kept, Meter(), Manner(think=(0.0, 0.0), patience=60), threading.Event().wait
            )
            phone.walk(life(shopper, seen))
            once.finish()
            kept.note("ended")
            verdict = aftermath.settle(file, {shopper.name: phone}, lines, seconds=90)
    assert verdict.findings == (), case
    assert len(seen) == 1
