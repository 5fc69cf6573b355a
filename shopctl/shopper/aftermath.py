"""After the shoppers: doubts are asked again, unpaid orders given up, and the checker looks until all is quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from shopctl.errors import ShopctlError
from shopctl.shopper import history, ledger, purchases, witness
from shopctl.shopper.calls import Server, TroubleError
from shopctl.shopper.checker import check
from shopctl.shopper.crowd import AT_ONCE
from shopctl.shopper.evidence import Billed, Finding, Verdict
from shopctl.shopper.history import History
from shopctl.shopper.phone import Line, Phone

PAUSE_SECONDS = 2.0


def settle(
    file: Path,
    phones: Mapping[str, Phone],
    lines: Mapping[Server, Line],
    *,
    seconds: float,
    pause: float = PAUSE_SECONDS,
    bill: Callable[[History], tuple[Billed, ...] | None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> Verdict:
    """The verdict, when nothing is left to be found or after so many seconds; `pause`: between two looks.

    Notifications may be late, refunds on their way and pages in a cache: what will be right in a moment is no finding.
    Raises ShopctlError when the shop or WeChat still doesn't answer by then.
    """
    limit, resolved, said = time.monotonic() + seconds, 0, ""
    while True:
        try:
            read = history.read(ledger.lines(file))
            active = {name: phone for name, phone in phones.items() if name in read.active}
            for phone in active.values():
                witness.log_in(lines, phone.shopper)
            resolved += sum(active[doubt.shopper].resolve(doubt) for doubt in read.doubts)
            left = _tidy(active.values())
            read = history.read(ledger.lines(file))
            evidence = witness.gather(lines, [phone.shopper for phone in active.values()], read)
            verdict = check(read, replace(evidence, bill=bill(read)), resolved=resolved)
            verdict = replace(verdict, findings=(*verdict.findings, *left))
            kinds = ", ".join(sorted({finding.kind for finding in verdict.findings}))
            news = f"{len(verdict.findings)} things still differ: {kinds}"
            if verdict.clean or time.monotonic() > limit:
                return verdict
        except ShopctlError as error:
            if time.monotonic() > limit:
                raise
            news = error.what
        if news != said:
            say(f"{news}; looking again")
            said = news
        time.sleep(pause)


def _tidy(phones: Iterable[Phone]) -> list[Finding]:
    def one(phone: Phone) -> Finding | None:
        try:
            phone.hurry(purchases.give_up_unpaid(phone.shopper))
            return None
        except TroubleError as trouble:
            name = phone.shopper.name
            return Finding("not given up", f"unpaid orders of {name} can't be cancelled: {trouble}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [finding for finding in pool.map(one, phones) if finding]
