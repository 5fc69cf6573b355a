"""Shoppers in the real shop, with WeChat in a bad mood: no errors, and a checker that agrees, unless the shop lies."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from shopctl.shopper import history, ledger, session, weather
from shopctl.shopper.meter import Figures
from shopctl.shopper.phone import Manner
from shopctl.shopper.session import Load, LoadReport, Wish
from shopctl.shopper.target import Target
from tests.shop.sandbox import Wechat
from tests.shop.shopper.conftest import shipping

QUICK = Manner(think=(0.0, 0.1))
pytestmark = pytest.mark.usefixtures("worker")


def shopped(
    target: Target, folder: Path, wish: Wish, enough: Callable[[Figures], bool]
) -> tuple[Load, LoadReport]:
    """A load that ends when enough has happened, however fast this machine is."""
    load = Load(target, folder, wish)
    load.start()
    limit = time.monotonic() + 180
    while not enough(load.meter.figures()):
        assert time.monotonic() < limit, load.meter.figures()
        time.sleep(0.2)
    return load, load.finish()


def count(figures: Figures, step: str) -> int:
    found = figures.step(step)
    return found.count if found else 0


def most_attempts(wechat: Wechat) -> int:
    """How often WeChat told what it told most often."""
    return max((len(letter["attempts"]) for letter in wechat.ledger()["notifications"]), default=0)


def test_five_shoppers_in_rough_weather_leave_a_clean_shop(
    target: Target, tmp_path: Path, wechat: Wechat
) -> None:
    wish = Wish(shoppers=5, weather={**weather.ROUGH, "late_seconds": 1}, manner=QUICK, seed=5)
    with shipping() as shipped:
        _, done = shopped(
            target,
            tmp_path,
            wish,
            lambda seen: (
                # Some of them cancel there.
                count(seen, "wechat pay") > 15
                and bool(shipped)
                and seen.journeys.get("refund", 0) > 0
                and most_attempts(wechat) > 1
            ),
        )
    assert wechat._ask("GET", "/sandbox/weather")["duplicate"] == 0
    assert done.troubles == ()
    assert done.figures.errors == {}
    verdict = done.verdict
    assert verdict
    assert verdict.findings == ()
    assert verdict.paid > 10
    assert shipped
    # The bill was there, and had the same in it.
    wechat.weather(bills_at_once=True)
    read = history.read(ledger.lines(Path(done.ledger)))
    bill = target.bill(read)
    assert bill
    assert sum(line.amount_fen for line in bill if not line.refund) == verdict.paid_fen
    assert sum(line.amount_fen for line in bill if line.refund) == verdict.refunded_fen
    # The weather was there.
    assert most_attempts(wechat) > 1


@pytest.mark.parametrize("journey", ["buy", "hesitate", "refund", "flash", "service", "receive"])
def test_each_journey_alone(target: Target, tmp_path: Path, journey: str) -> None:
    with shipping():
        wish = Wish(shoppers=3, weights={journey: 3, "buy": 1}, manner=QUICK, seed=7)
        _, done = shopped(target, tmp_path, wish, lambda seen: seen.journeys.get(journey, 0) > 2)
    assert (done.troubles, done.figures.errors) == ((), {})
    assert done.verdict
    assert done.verdict.findings == ()


SABOTAGE = {
    "payment not in the shop": "UPDATE orders_order SET state = 'cancelled' WHERE state = 'paid' LIMIT 1",
    "amount differs": "UPDATE orders_order SET total_fen = total_fen - 1, goods_fen = goods_fen - 1 "
    "WHERE state = 'paid' LIMIT 1",
    "refund differs": "UPDATE orders_order SET refunded_fen = 1 WHERE state = 'paid' LIMIT 1",
    "oversold": "UPDATE inventory_stock SET available = 200",
    "stock lost": "UPDATE inventory_stock SET available = available - 1 LIMIT 1",
    "order of somebody else": "UPDATE orders_order SET user_id = (SELECT MAX(id) FROM users_user) "
    "WHERE user_id <> (SELECT MAX(id) FROM users_user) LIMIT 1",
}


@pytest.fixture
def bought(target: Target, tmp_path: Path) -> Path:
    """The ledger of a short load, of which all was well; both of them have bought."""
    from orders.models import Order

    def enough(seen: Figures) -> bool:
        return seen.journeys.get("buy", 0) > 2 and Order.objects.values("user_id").distinct().count() == 2

    wish = Wish(shoppers=2, weights={"buy": 1}, manner=QUICK, seed=3)
    load, done = shopped(target, tmp_path, wish, enough)
    assert done.good, done
    return load.file


def test_a_shop_that_lies_is_found_out(target: Target, bought: Path) -> None:
    """Each lie in turn, and the truth after it: checking again changes nothing."""
    from inventory.models import Stock
    from orders.models import Order

    truth = [list(Order.objects.all()), list(Stock.objects.all())]
    for kind, lie in SABOTAGE.items():
        with connection.cursor() as cursor:
            assert cursor.execute(lie), f"{kind}: the lie hit nothing"
        connection.close()
        verdict = session.recheck(target, bought, seconds=8, say=lambda _: None)
        assert kind in {found.kind for found in verdict.findings}, kind
        for row in [row for table in truth for row in table]:
            row.save(force_update=True)
        connection.close()
    assert session.recheck(target, bought, seconds=20, say=lambda _: None).findings == ()
