"""Figures that synthetic shoppers measure through the public address: orders at a rate, and a rush at a flash sale."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from bench.figures import Figure
from shopctl.shopper import aftermath, purchases, survey, visits
from shopctl.shopper.calls import Journey, TroubleError
from shopctl.shopper.crowd import STACK_BYTES, Crowd
from shopctl.shopper.evidence import Verdict
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Meter
from shopctl.shopper.people import Shopper
from shopctl.shopper.phone import Manner, Phone
from shopctl.shopper.session import Load, Wish
from shopctl.shopper.target import Target

ORDERS_PER_SECOND, ORDER_SECONDS, ORDER_MS = 20.0, 30.0, 150.0
BUYERS, PIECES = 1000, 100
# Getting a thousand buyers ready is no rush: so many at once.
AT_ONCE = 16
HURRIED = Manner(think=(0.0, 0.0), patience=60.0)


def orders(target: Target, folder: Path) -> Figure:
    """The 95th percentile of placing an order, while twenty are placed each second."""
    # Each orders a few times only: who has ten unpaid orders gets no more.
    wish = Wish(shoppers=200, rate=ORDERS_PER_SECOND, weights={"order": 1}, manner=HURRIED)
    load = Load(target, folder, wish)
    try:
        load.start()
        time.sleep(ORDER_SECONDS)
        done = load.finish()
    finally:
        load.close()
    step = done.figures.step("order")
    assert step, "nothing was ordered"
    rate = step.count / done.seconds
    problem = _problem(done.verdict, done.figures.errors)
    if rate < 0.95 * ORDERS_PER_SECOND:
        problem = problem or f"only {rate:.1f} orders per second were placed"
    each = {"ms p50": step.p50_ms, "ms p99": step.p99_ms, "orders/s": rate}
    return Figure("creating an order, p95", step.p95_ms, ORDER_MS, "ms", problem=problem, each=each)


def flash_sale(target: Target, folder: Path, sale: int) -> Figure:
    """How many of a hundred pieces are sold to a thousand buyers who come at the same moment."""
    load = f"flash-{time.time():.0f}"
    file, meter, lines = folder / load / "ledger.jsonl", Meter(), target.lines(timeout=60.0)
    there = survey.assortment(lines["shop"], Random(1), products=5)
    people = [Shopper(f"b{n}", f"buyer {load} {n}", Random(), there) for n in range(BUYERS)]
    with Ledger(file) as kept:
        stock = survey.counted(lines["shop"], there, survey.guest_of(load))
        kept.note("stock", **survey.noted(stock))
        kept.note("began", load=load, people={one.name: one.person for one in people})
        crowd = Crowd(people, lambda: target.lines(timeout=60.0), kept, meter, manner=HURRIED, weights={})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_get_ready, crowd.phones.values()))
        seconds, sold = _rush(list(crowd.phones.values()), sale)
        left = {one.id: one.left for one in survey.flash_sales(lines["shop"])}[sale]
        kept.note("ended")
        verdict = aftermath.settle(file, crowd.phones, lines, seconds=120)
        crowd.close()
    step = meter.figures().step("flash order")
    problem = _problem(verdict, meter.figures().errors)
    if sold != PIECES or left:
        problem = f"{sold} pieces were sold and {left} are left"
    each = {"s until all had an answer": seconds, "ms p95": step.p95_ms if step else 0.0}
    return Figure("flash sale, pieces sold", sold, PIECES, "", problem=problem, each=each)


def _get_ready(phone: Phone) -> None:
    def ready(shopper: Shopper) -> Journey:
        yield from visits.log_in(shopper)
        yield from visits.address(shopper)

    phone.hurry(ready(phone.shopper))


def _rush(phones: Sequence[Phone], sale: int) -> tuple[float, int]:
    """Seconds until everybody had an answer, and how many had bought."""
    start, bought, lock = threading.Barrier(len(phones) + 1), list[str](), threading.Lock()

    def buy(shopper: Shopper) -> Journey:
        asked = {"quantity": 1, "address_id": shopper.address_id}
        placed = yield from purchases.place(shopper, f"/flash-sales/{sale}/orders", asked, "flash order")
        if placed:
            with lock:
                bought.append(placed["number"])

    def come(phone: Phone) -> None:
        start.wait()
        try:
            phone.hurry(buy(phone.shopper))
        except TroubleError:
            # It is counted among the errors, which the figure tells of.
            return

    before = threading.stack_size(STACK_BYTES)
    threads = [threading.Thread(target=come, args=(phone,)) for phone in phones]
    for thread in threads:
        thread.start()
    threading.stack_size(before)
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    return time.monotonic() - began, len(set(bought))


def _problem(verdict: Verdict | None, errors: Mapping[str, int]) -> str | None:
    findings = len(verdict.findings) if verdict else 0
    if not errors and not findings:
        return None
    return f"{sum(errors.values())} errors {dict(errors)}, {findings} findings of the checker"
