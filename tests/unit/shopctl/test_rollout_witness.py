"""Witnesses of a rollout in a shop in memory: what passes, what fails and with which words, and when there are none."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shopctl import journal
from shopctl.drivers.http_session import Address, Reply
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.report import Report
from shopctl.rollout import witness
from shopctl.rollout.witness import Witness
from shopctl.shopper.evidence import Finding
from shopctl.shopper.phone import Manner
from shopctl.shopper.target import Target
from tests.unit.shopctl.shop_model import Model, Wire
from tests.unit.shopctl.test_load import InMemory


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("SHOPCTL_STATE_DIR", str(tmp_path))
    return Environment.load("test")


@pytest.fixture
def model() -> Model:
    return Model(stock=100_000)


@pytest.fixture
def begin(environment: Environment, model: Model, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Witness]:
    monkeypatch.setattr(witness, "MANNER", Manner(think=(0.0, 0.02), patience=1.0))
    target = InMemory(Address("https://shop.test"), Address("https://wechat.test"), None, model)
    return lambda shoppers=2: witness.begin(environment, Report(quiet=True), shoppers, find=lambda *_: target)


def until(there: Callable[[], object]) -> None:
    limit = time.monotonic() + 60
    while not there():
        assert time.monotonic() < limit
        time.sleep(0.05)


def test_what_was_acknowledged_is_there_and_the_gate_says_how_much(
    begin: Callable[..., Witness], model: Model, environment: Environment
) -> None:
    witnesses = begin()
    until(lambda: len(model.orders) > 2)
    began = time.monotonic()
    found = witnesses.verdict()
    assert time.monotonic() - began < witness.SECONDS
    assert found.passed is True
    assert (found.name, found.host) == ("shoppers' ledger", "the public address")
    assert found.figures["orders"] == len(model.orders)
    assert found.said.endswith(f"{len(model.orders)} orders, {len(model.payments)} paid: all as acknowledged")
    assert Path(found.figures["ledger"]).exists()
    # It is part of the rollout's evidence, and no load of its own; nor has it a say in the weather.
    assert list(journal.read(environment.journal_file)) == []
    assert model.weather == []


def test_an_order_that_is_gone_fails(begin: Callable[..., Witness], model: Model) -> None:
    witnesses = begin()
    until(lambda: len(model.payments) > 1)
    with model.lock:
        number = next(iter(model.payments))
        model.owners[number] = "nobody"
    found = witnesses.verdict(1.0)
    assert found.passed is False
    assert f"order lost: {number} was acknowledged and is not in the shop" in found.said
    assert "order lost" in {each["kind"] for each in found.figures["findings"]}


def test_an_error_fails_and_names_the_host_that_answered(
    begin: Callable[..., Witness], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Wire.request

    def broken(wire: Wire, method: str, path: str, **more: Any) -> Reply:
        if method == "POST" and path.endswith("/cart/items"):
            return Reply(500, {"error": {"code": "internal", "message": ""}}, "web-2")
        return honest(wire, method, path, **more)

    witnesses = begin()
    monkeypatch.setattr(Wire, "request", broken)
    until(lambda: witnesses.troubles)
    assert "POST /api/v1/cart/items: 500 internal by web-2" in witnesses.troubles[0]
    found = witnesses.verdict(2.0)
    assert found.passed is False
    assert "by web-2" in found.said
    assert found.figures["errors"]["internal"] > 0


def test_what_others_buy_and_give_back_is_not_held_against_it(
    begin: Callable[..., Witness], model: Model
) -> None:
    witnesses = begin()
    with model.lock:
        model.skus = {sku: left + 50 for sku, left in model.skus.items()}
    until(lambda: len(model.orders) > 1)
    assert witnesses.verdict().passed is True


def test_without_an_order_nothing_is_proved(
    begin: Callable[..., Witness], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witness, "JOURNEYS", {"browse": 1, "buy": 0})
    found = begin().verdict(0.5)
    assert found.passed is None
    assert found.said.startswith("no order was placed")


def test_a_shop_that_does_not_answer_in_the_end_fails(begin: Callable[..., Witness], model: Model) -> None:
    witnesses = begin()
    until(lambda: len(model.orders) > 1)
    model.down = True
    found = witnesses.verdict(1.0)
    assert found.passed is False
    assert "could not be checked" in found.said or "errors" in found.said
    assert found.figures["ledger"]


def down(*_: object) -> Target:
    raise ShopctlError("the shop does not answer")


@pytest.mark.parametrize(
    ("shoppers", "find", "why"),
    [
        (0, down, "the environment wants none"),
        (2, down, "they could not begin: the shop does not answer"),
        (2, lambda *_: Target(Address("https://shop.test")), "the environment has no sandbox"),
    ],
)
def test_where_nobody_shops_the_gate_says_why(
    environment: Environment, shoppers: int, find: Callable[..., Target], why: str
) -> None:
    witnesses = witness.begin(environment, Report(quiet=True), shoppers, find=find)
    found = witnesses.verdict()
    assert found.passed is None
    assert why in found.said
    witnesses.close()


def test_a_shop_that_is_broken_before_can_still_be_mended(
    begin: Callable[..., Witness], model: Model
) -> None:
    model.down = True
    assert "they could not begin" in begin().verdict().said


def test_who_is_given_up_leaves_threads_and_connections_behind_nowhere(begin: Callable[..., Witness]) -> None:
    witnesses = begin(3)
    witnesses.close()
    witnesses.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shopper")]


def test_a_finding_alone_fails(begin: Callable[..., Witness], model: Model) -> None:
    witnesses = begin()
    until(lambda: len(model.orders) > 1)
    assert witnesses.load
    done = witnesses.load.finish()
    assert done.verdict
    lost = replace(done.verdict, findings=(*done.verdict.findings, Finding("order lost", "1 is gone")))
    assert witness.judge(replace(done, verdict=lost), took=1.0).passed is False
    assert witness.judge(done, took=1.0).passed is True
