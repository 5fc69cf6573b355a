"""Load with a verdict: synthetic shoppers buy, and the checker holds the shop to its word.

It takes no lease: it is meant to run beside deploys and drills.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shopctl import journal
from shopctl import outputs as stack_outputs
from shopctl.clock import iso
from shopctl.drivers.http_session import Address, Session
from shopctl.errors import BadInputError, ShopctlError
from shopctl.lease import Process
from shopctl.shopper import session
from shopctl.shopper.bill import Merchant
from shopctl.shopper.evidence import Verdict
from shopctl.shopper.session import Load, LoadReport, Wish
from shopctl.shopper.target import Target, read

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report

TELL_SECONDS = 5.0
TELL = 5


def target(environment: Environment, report: Report) -> Target:
    """The shop by its public address, and the sandbox where the shop says that there is one."""
    outputs = stack_outputs.read(environment, report)
    ca = environment.ca_file if environment.ca_file.exists() else None
    shop = Address(outputs.address, outputs.load_balancer.vip, ca)
    line = Session(shop)
    try:
        bridge = str(read(line, "/client")["bridge_url"])
    except ShopctlError as error:
        raise ShopctlError(
            f"the shop does not answer: {error.what}",
            where=f"{outputs.domain} at {outputs.load_balancer.vip}",
            next_step=f"shopctl --env {environment.name} status",
        ) from error
    finally:
        line.close()
    if not bridge:
        return Target(shop)
    parts = urlsplit(bridge)
    where = _host(environment, parts.hostname or "")
    account = outputs.wechat
    merchant = Merchant(account.mch_id, account.certificate_serial, account.private_key.get_secret_value())
    return Target(shop, Address(f"{parts.scheme}://{parts.netloc}", where, ca), merchant)


def start(environment: Environment, report: Report, wish: Wish) -> Running:
    """Let shoppers in, and return: for whoever does something else to the shop meanwhile."""
    load = Load(
        target(environment, report), folder(environment), wish, environment=environment.name, say=report
    )
    try:
        load.start()
    except BaseException:
        load.close()
        raise
    return Running(environment, report, load, time.time())


def run(
    environment: Environment,
    report: Report,
    wish: Wish,
    seconds: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> LoadReport:
    """Shoppers for so long, then the verdict. Ctrl-C ends the time, not the verdict; a second one ends that too."""
    if seconds <= 0:
        raise BadInputError("a load needs some seconds")
    with report.phase("shoppers"):
        running = start(environment, report, wish)
        interrupted = False
        try:
            running.wait(seconds, sleep)
        except KeyboardInterrupt:
            interrupted = True
            report.warn("stopped; the shoppers go home, and the verdict follows (again: no verdict)")
    with report.phase("verdict"):
        return running.finish(interrupted=interrupted)


def duration(text: str) -> float:
    """Seconds of `90`, `90s`, `5m` or `1h`. Raises BadInputError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found or not float(found[1]):
        raise BadInputError(f"{text!r} is no time", next_step="say 90s, 5m or 1h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def recheck(environment: Environment, report: Report, load_id: str, *, seconds: float) -> Verdict:
    """The verdict on a load of before, from its ledger."""
    file = folder(environment) / load_id / "ledger.jsonl"
    if not file.exists():
        known = sorted(path.parent.name for path in folder(environment).glob("*/ledger.jsonl"))
        raise BadInputError(
            f"there is no load {load_id!r} of {environment.name}",
            next_step=f"choose one of: {', '.join(known[-TELL:]) or 'none'}",
        )
    with report.phase("verdict"):
        return session.recheck(target(environment, report), file, seconds=seconds, say=report)


def folder(environment: Environment) -> Path:
    """Where ledgers are kept: on the operator's machine, off the hosts."""
    return environment.state_dir / "loads"


@dataclass(frozen=True)
class Running:
    """A load at work."""

    environment: Environment
    report: Report
    load: Load
    began: float

    def wait(self, seconds: float, sleep: Callable[[float], None] = time.sleep) -> None:
        """So long, telling how it goes; shorter when our own side breaks."""
        limit, tell = time.monotonic() + seconds, time.monotonic() + TELL_SECONDS
        while (left := limit - time.monotonic()) > 0 and not self.load.broken:
            sleep(min(left, 0.5))
            if time.monotonic() >= tell:
                tell += TELL_SECONDS
                self._tell()

    def finish(self, *, interrupted: bool = False) -> LoadReport:
        """Send the shoppers home; the verdict, and a line for the journal, whatever comes of it."""
        outcome: journal.Outcome = "failed"
        error: str | None = "the verdict could not be found"
        counts: dict[str, int] = {}
        try:
            done = self.load.finish(interrupted=interrupted)
            if done.verdict:
                counts = {
                    "orders": done.verdict.orders,
                    "paid": done.verdict.paid,
                    "refunds": done.verdict.refunds,
                }
            outcome, error = ("interrupted" if interrupted else "succeeded"), None
            if not done.good:
                outcome, error = "failed", _complaint(done)
            return done
        except ShopctlError as failure:
            error = failure.what
            raise
        except KeyboardInterrupt:
            outcome, error = "interrupted", "stopped by the operator, without a verdict"
            raise
        finally:
            self._write_down(outcome, error, counts)

    def _write_down(self, outcome: journal.Outcome, error: str | None, counts: dict[str, int]) -> None:
        me = Process.this()
        entry = journal.Entry(
            id=self.load.id,
            operation="load",
            environment=self.environment.name,
            actor=f"{me.user}@{me.host}",
            started=iso(self.began),
            seconds=round(time.time() - self.began, 1),
            outcome=outcome,
            plan=counts,
            error=error,
        )
        try:
            journal.of(self.environment, self.report.warn).append(entry)
        except OSError as failure:
            self.report.warn(f"the journal could not be written: {failure}")

    def _tell(self) -> None:
        figures = self.load.meter.figures()
        ordered = sum(step.count for step in figures.steps if step.name in {"order", "flash order"})
        bad = f", {figures.failed} errors" if figures.failed else ""
        seconds = time.time() - self.began
        self.report(
            f"    {seconds:.0f} s: {figures.requests} requests, {sum(figures.journeys.values())} journeys, "
            f"{ordered} orders{bad}",
            "red" if bad else "",
        )


def _complaint(done: LoadReport) -> str:
    findings = len(done.verdict.findings) if done.verdict else 0
    return f"{done.figures.failed} errors, {findings} findings of the checker"


def _host(environment: Environment, name: str) -> str | None:
    """The local region's host of that name, which is in no DNS of this machine; None where names are found as usual."""
    if environment.region is None:
        return None
    from region.hosts import list_hosts

    return next((host.address for host in list_hosts(environment.region.name) if host.name == name), None)
