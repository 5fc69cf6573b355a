"""The shoppers' ledger as a gate: a few of them shop through the public address while a rollout goes on.

They see what no host's own figures show: a request that got lost between two hosts, an order that was acknowledged and
is gone, a payment that the shop never learned of. What they do not do, for a verdict within seconds that is about this
rollout and nothing else:

- They leave WeChat's weather alone, and have no say in anybody else's.
- They count no stock: whoever else buys, or gives up what was bought before, would be held against the release.
- They ask no money back and break no order off: refunds take their time, and what comes back into stock would confuse
  a load that counts it. `shopctl load` is for all of that.
- They do not look at WeChat's bill, which a release cannot change.

All other rules of the checker hold, and what they look at belongs to the witnesses alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shopctl import load
from shopctl.errors import ShopctlError
from shopctl.rollout.gates import Gate
from shopctl.shopper.phone import Manner
from shopctl.shopper.session import Load, LoadReport, Wish

if TYPE_CHECKING:
    from shopctl.environment import Environment
    from shopctl.report import Report
    from shopctl.shopper.target import Target

LEDGER = "shoppers' ledger"
PUBLIC = "the public address"
SECONDS = 5.0
GRACE_SECONDS = 1.5
JOURNEYS = {"browse": 20, "find": 15, "buy": 55, "service": 10}
MANNER = Manner(think=(0.05, 0.3), patience=10.0)
TOLD = 3


@dataclass(frozen=True)
class Witness:
    """Shoppers at work, or why there are none. Give it up by `close`, if nobody wants its verdict."""

    load: Load | None
    why_not: str = ""

    @property
    def troubles(self) -> tuple[str, ...]:
        """What they could not do so far; each names the host, where one answered."""
        return self.load.troubles if self.load else ()

    def verdict(self, seconds: float = SECONDS) -> Gate:
        """Sends them home and holds the shop to what it acknowledged; within about so many seconds.

        It passes without an error and without a finding. `passed` is None where nobody shopped, or nothing was ordered.
        """
        if self.load is None:
            return Gate(LEDGER, PUBLIC, None, f"no synthetic shoppers: {self.why_not}")
        grace, began = min(GRACE_SECONDS, 0.3 * seconds), time.monotonic()
        try:
            done = self.load.finish(grace=grace, settle_seconds=max(0.0, seconds - grace))
        except ShopctlError as error:
            said = f"the ledger could not be checked: {error.what}"
            return Gate(LEDGER, PUBLIC, False, said, {"ledger": str(self.load.file)})
        return judge(done, took=time.monotonic() - began)

    def close(self) -> None:
        """Sends them home without a verdict. Safe to repeat, and after the verdict."""
        if self.load is not None:
            self.load.close()


def begin(
    environment: Environment,
    report: Report,
    shoppers: int,
    *,
    find: Callable[[Environment, Report], Target] = load.target,
) -> Witness:
    """Lets shoppers in; none where the environment has no sandbox, as real money would flow."""
    if shoppers < 1:
        return Witness(None, "the environment wants none")
    try:
        target = find(environment, report)
        if target.sandbox is None:
            return Witness(None, "the environment has no sandbox, and their money would be real")
        wish = Wish(
            shoppers=shoppers,
            weights=JOURNEYS,
            manner=MANNER,
            pause_seconds=0.2,
            products=4 * shoppers,
            count_stock=False,
        )
        work = Load(
            replace(target, merchant=None), load.folder(environment), wish, environment=environment.name
        )
    except ShopctlError as error:
        # A shop that is broken already is mended by a deploy; it must not need a whole one for that.
        return Witness(None, f"they could not begin: {error.what}")
    try:
        work.start()
    except ShopctlError as error:
        work.close()
        return Witness(None, f"they could not begin: {error.what}")
    except BaseException:
        work.close()
        raise
    return Witness(work)


def judge(done: LoadReport, *, took: float) -> Gate:
    """What a load means for a rollout. Pure."""
    assert done.verdict
    errors, findings, orders = done.figures.failed, done.verdict.findings, done.verdict.orders
    figures = {
        "shoppers": done.shoppers,
        "requests": done.figures.requests,
        "repeats": done.figures.repeats,
        "errors": done.figures.errors,
        "orders": orders,
        "paid": done.verdict.paid,
        "findings": [{"kind": found.kind, "text": found.text} for found in findings],
        "longest_gap_seconds": done.verdict.longest_gap_seconds,
        "verdict_seconds": round(took, 1),
        "ledger": done.ledger,
    }
    if errors or findings:
        told = [*done.troubles[:TOLD], *(f"{found.kind}: {found.text}" for found in findings[:TOLD])]
        said = f"{errors} errors of {done.figures.requests} requests, {len(findings)} findings: {'; '.join(told)}"
        return Gate(LEDGER, PUBLIC, False, said, figures)
    again = f", {done.figures.repeats} of them sent again" if done.figures.repeats else ""
    said = f"{done.figures.requests} requests{again}, {orders} orders, {done.verdict.paid} paid: all as acknowledged"
    return Gate(
        LEDGER, PUBLIC, True if orders else None, said if orders else f"no order was placed; {said}", figures
    )
