"""Shoppers in a shop in memory: they buy, insist, and leave a ledger under which the shop stands or falls."""

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from shopctl.errors import BadInputError
from shopctl.shopper import aftermath, history, journeys, ledger, survey
from shopctl.shopper.calls import TroubleError
from shopctl.shopper.crowd import Crowd, Gate
from shopctl.shopper.evidence import Verdict
from shopctl.shopper.ledger import Ledger
from shopctl.shopper.meter import Meter
from shopctl.shopper.people import Shopper
from shopctl.shopper.phone import Manner, Phone
from tests.unit.shopctl.shop_model import Model

QUICK = Manner(think=(0.0, 0.0), patience=0.3)


class Street:
    """A shop, and shoppers who may be sent through it."""

    def __init__(self, folder: Path, shoppers: int = 1) -> None:
        self.model, self.meter = Model(), Meter()
        self.file = folder / "ledger.jsonl"
        self.kept = Ledger(self.file)
        there = survey.assortment(self.model.lines()["shop"], Random(1))
        people = [Shopper(f"s{n}", f"p{n}", Random(n), there) for n in range(shoppers)]
        stock = survey.counted(self.model.lines()["shop"], there, survey.guest_of("l"))
        self.kept.note("stock", **survey.noted(stock))
        self.kept.note("began", load="l", people={one.name: one.person for one in people})
        self.crowd = Crowd(
            people, self.model.lines, self.kept, self.meter, manner=QUICK, weights=journeys.WEIGHTS
        )
        for phone in self.crowd.phones.values():
            # Waiting for the shop to hear of a payment need not take real time here.
            phone._pause = lambda seconds: False

    @property
    def phone(self) -> Phone:
        return self.crowd.phones["s0"]

    def walk(self, name: str, times: int = 1) -> None:
        for _ in range(times):
            self.phone.walk(journeys.JOURNEYS[name](self.phone.shopper))

    def verdict(self) -> Verdict:
        self.kept.note("ended")
        lines = self.model.lines()
        return aftermath.settle(self.file, self.crowd.phones, lines, seconds=0)


def until(there: Callable[[], bool]) -> None:
    """Wait until something is so, however busy the machine is."""
    limit = time.monotonic() + 60
    while not there():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path)


@pytest.mark.parametrize("name", sorted(journeys.JOURNEYS))
def test_every_journey_goes_to_its_end_and_the_shop_is_clean(street: Street, name: str) -> None:
    street.walk(name, times=10)
    assert street.meter.figures().errors == {}
    assert street.verdict().findings == ()


def test_what_is_bought_is_in_the_ledger_with_its_payment(street: Street) -> None:
    street.walk("buy", times=5)
    read = history.read(ledger.lines(street.file))
    assert set(read.orders) == set(street.model.orders)
    assert (
        {one.about for one in read.of("paid")}
        == {one.about for one in read.of("payment")}
        == set(read.orders)
    )


def test_parcels_are_received_and_reviewed(street: Street) -> None:
    street.walk("buy", times=2)
    for order in street.model.orders.values():
        order.update(state="shipped", shipped_at="2026-01-01T00:00:00Z")
    street.walk("receive")
    read = history.read(ledger.lines(street.file))
    assert (len(read.of("receive")), len(read.of("review"))) == (2, 2)
    assert street.verdict().clean


def test_an_order_without_an_answer_is_asked_for_again_under_its_key(street: Street) -> None:
    lost: list[str] = []

    def lose(method: str, path: str) -> bool:
        wanted = path.endswith("/orders") and method == "POST" and not lost
        lost.extend([path] * wanted)
        return wanted

    street.model.lose_answers = lose
    street.walk("buy")
    assert lost
    assert len(street.model.orders) == 1
    figures, verdict = street.meter.figures(), street.verdict()
    assert (figures.errors, figures.repeats, verdict.orders, verdict.findings) == ({}, 1, 1, ())


@pytest.mark.parametrize(
    "path", ["/orders", "/pay", "/sandbox/pay", "/sync", "/refunds", "/cancel", "/messages"]
)
def test_what_never_got_an_answer_is_resolved_after_the_load(street: Street, path: str) -> None:
    street.model.lose_answers = lambda method, asked: method == "POST" and asked.endswith(path)
    for name in ("buy", "refund", "hesitate", "service"):
        for _ in range(3):
            with suppress(TroubleError):
                street.walk(name)
    assert set(street.meter.figures().errors) <= {"timeout"}
    street.model.lose_answers = lambda method, asked: False
    verdict = street.verdict()
    assert verdict.findings == ()
    assert verdict.orders == len(street.model.orders) > 0


def test_a_shop_that_is_down_is_an_error_after_a_while_and_a_finding_while_doubts_remain(
    street: Street,
) -> None:
    street.walk("buy")
    street.model.lose_answers = lambda method, path: method == "POST" and path.endswith("/orders")
    with pytest.raises(TroubleError, match="timeout"):
        street.walk("buy")
    street.model.lose_answers = lambda method, path: (
        method == "POST" and path.endswith(("/orders", "/cancel"))
    )
    assert {finding.kind for finding in street.verdict().findings} >= {"in doubt"}


def test_a_session_that_ended_is_begun_again(street: Street) -> None:
    street.walk("buy")
    assert street.phone.shopper.token
    street.phone.shopper.token = "revoked"
    street.walk("service")
    assert street.phone.shopper.token == "token-p0"
    assert street.meter.figures().errors == {}


def forget(model: Model) -> str:
    """An acknowledged order vanishes, as after a restore of an older backup."""
    number = next(iter(model.orders))
    model._stock(model.orders.pop(number), 1)
    return number


def unpay(model: Model) -> str:
    """The shop forgets a payment. It does not ask WeChat again."""
    number, order = next(iter(model.orders.items()))
    order["state"] = "cancelled"
    model._stock(order, 1)
    return number


def give_away(model: Model) -> str:
    number, order = next(iter(model.orders.items()))
    model._stock(order, 1)
    return number


@pytest.mark.parametrize(
    ("sabotage", "kind"),
    [(forget, "order lost"), (unpay, "payment not in the shop"), (give_away, "oversold")],
)
def test_a_shop_that_breaks_its_word_is_found_out(
    street: Street, sabotage: Callable[[Model], str], kind: str
) -> None:
    street.walk("buy", times=3)
    number = sabotage(street.model)
    named = [finding.orders for finding in street.verdict().findings if finding.kind == kind]
    assert named, f"{number} is not found"
    assert number in named[0]


def test_a_crowd_shops_until_it_is_sent_home(tmp_path: Path) -> None:
    street = Street(tmp_path, shoppers=8)
    street.crowd.start()
    until(lambda: len(street.model.orders) > 5 and street.meter.figures().requests > 100)
    street.crowd.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shopper ")]
    figures, verdict = street.meter.figures(), street.verdict()
    assert (figures.errors, verdict.findings) == ({}, ())
    assert verdict.orders > 5
    assert figures.requests > 100


def test_an_error_of_ours_in_a_thread_is_heard(tmp_path: Path) -> None:
    street = Street(tmp_path, shoppers=2)
    street.kept.close()
    street.crowd.start()
    until(lambda: street.crowd.broken)
    with pytest.raises(OSError, match="Bad file descriptor"):
        street.crowd.stop()


def test_journeys_begin_at_the_rate_asked_for() -> None:
    now = 100.0
    gate = Gate(4.0, clock=lambda: now)
    assert [gate.wait() for _ in range(3)] == [0.0, 0.25, 0.5]
    now = 110.0
    # What was missed while all were busy is not made up for.
    assert [gate.wait() for _ in range(2)] == [0.0, 0.25]
    assert [Gate(None, clock=lambda: now).wait() for _ in range(2)] == [0.0, 0.0]


def test_a_journey_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(BadInputError, match="no journey fly") as caught:
        journeys.chosen(["buy", "fly"])
    assert "flash" in (caught.value.next_step or "")


def test_words_are_what_somebody_would_type() -> None:
    assert survey.words(["2026 新款透明手机壳 Pro", "USB 线", "保温杯"]) == ("手机壳", "保温杯")


def test_a_login_waits_for_a_shop_that_restarts(street: Street) -> None:
    failing = [True] * 5

    def lose(method: str, path: str) -> bool:
        return path.endswith("/auth/wechat") and bool(failing) and failing.pop()

    street.model.lose_answers = lose
    street.walk("service")
    assert not failing
    assert street.meter.figures().errors == {}
    # Each attempt had a code of its own: they work once.
    assert street.model.seen.count(("POST", "/auth/wechat")) == 6


def test_a_survey_has_a_token_that_every_shop_takes() -> None:
    for load in ("20261128-124308-abcdef", "Redis dies at filling the cart", "手机"):
        assert re.fullmatch(r"[A-Za-z0-9_-]{22,64}", survey.guest_of(load))
