"""`shopctl load` against a shop in memory: the verdict, the journal, the weather, and how it ends before its time."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import cli
from shopctl import journal, load
from shopctl.commands import options
from shopctl.drivers.http_session import Address
from shopctl.environment import Environment
from shopctl.errors import BadInputError, ShopctlError
from shopctl.report import Report
from shopctl.shopper import journeys, session, weather
from shopctl.shopper.phone import Manner
from shopctl.shopper.session import Wish
from shopctl.shopper.target import Target
from tests.unit.shopctl.shop_model import Model

QUICK = Manner(think=(0.0, 0.02), patience=0.3)


@dataclass(frozen=True)
class InMemory(Target):
    """The model in place of servers."""

    model: Model = field(default_factory=Model)

    def lines(self, *, timeout: float = 10.0) -> Any:
        return self.model.lines()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    """What the shop's address leads to."""
    made = Model(stock=100_000)
    target = InMemory(Address("https://shop.test"), Address("https://wechat.test"), None, made)
    monkeypatch.setattr(load, "target", lambda environment, report: target)
    return made


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    monkeypatch.setenv("SHOPCTL_STATE_DIR", str(tmp_path))
    return Environment.load("test")


def wish(**more: Any) -> Wish:
    return Wish(**{"shoppers": 4, "manner": QUICK, "settle_seconds": 1.0, **more})


def until(there: Callable[[], object]) -> None:
    """Wait until something is so, however busy the machine is."""
    limit = time.monotonic() + 60
    while not there():
        assert time.monotonic() < limit
        time.sleep(0.02)


def at_least(there: Callable[[], object]) -> Callable[[float], None]:
    """Sleeps, and until something is so."""

    def sleep(seconds: float) -> None:
        until(there)
        time.sleep(seconds)

    return sleep


def last(environment: Environment) -> journal.Entry:
    return list(journal.read(environment.journal_file))[-1]


def test_a_load_ends_with_a_verdict_a_report_and_a_line_in_the_journal(
    model: Model, environment: Environment
) -> None:
    ordered = at_least(lambda: len(model.orders) > 3)
    done = load.run(environment, Report(quiet=True), wish(weather=weather.ROUGH), 1.0, sleep=ordered)
    assert done.good
    assert done.verdict
    assert done.verdict.orders == len(model.orders) > 0
    assert done.figures.failed == 0
    # Late and doubled while it ran, clear afterwards.
    assert model.weather == [weather.ROUGH, {}]
    entry = last(environment)
    assert (entry.operation, entry.outcome, entry.id) == ("load", "succeeded", done.id)
    assert entry.plan["orders"] == done.verdict.orders
    kept = json.loads((Path(done.ledger).parent / "report.json").read_text())
    assert kept["verdict"]["clean"] is True
    assert not environment.lease_file.exists()


def test_what_is_not_paid_in_the_end_is_given_up(model: Model, environment: Environment) -> None:
    ordered = at_least(lambda: model.orders)
    load.run(environment, Report(quiet=True), wish(weights={"order": 1}), 0.5, sleep=ordered)
    assert {order["state"] for order in model.orders.values()} == {"cancelled"}
    assert set(model.skus.values()) == {100_000}


def test_ctrl_c_ends_the_shopping_and_not_the_verdict(model: Model, environment: Environment) -> None:
    began = time.monotonic()

    def press(seconds: float) -> None:
        time.sleep(0.5)
        raise KeyboardInterrupt

    done = load.run(environment, Report(quiet=True), wish(weather={"duplicate": 0.5}), 600, sleep=press)
    assert time.monotonic() - began < 20
    assert done.interrupted
    assert done.verdict
    assert done.verdict.clean
    assert model.weather[-1] == {}
    assert last(environment).outcome == "interrupted"


def test_a_second_ctrl_c_ends_that_too_and_the_weather_with_it(
    model: Model, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shopctl.shopper.aftermath.settle", again)
    with pytest.raises(KeyboardInterrupt):
        load.run(environment, Report(quiet=True), wish(weather={"duplicate": 0.5}), 0.2)
    assert model.weather[-1] == {}
    assert last(environment).outcome == "interrupted"


def test_a_shop_that_is_down_in_the_end_is_an_error_that_says_how_to_go_on(
    model: Model, environment: Environment
) -> None:
    def cut(seconds: float) -> None:
        model.down = True
        time.sleep(seconds)

    with pytest.raises(ShopctlError, match="the shop is down"):
        load.run(environment, Report(quiet=True), wish(), 1.0, sleep=cut)
    assert last(environment).outcome == "failed"
    model.down = False
    # The ledger is still there: the verdict can be had when the shop is back.
    load_id = last(environment).id
    assert load.recheck(environment, Report(quiet=True), load_id, seconds=1).findings == ()


def test_a_load_that_was_killed_can_be_checked(model: Model, environment: Environment) -> None:
    running = load.start(environment, Report(quiet=True), wish())
    until(lambda: model.orders)
    # Killed: nobody wrote that it ended, and sessions are not known any more.
    running.load._crowd.stop()  # type: ignore[union-attr]
    verdict = load.recheck(environment, Report(quiet=True), running.load.id, seconds=1)
    assert verdict.findings == ()
    assert verdict.orders > 0
    running.load.close()


def test_a_load_that_is_not_there_is_refused_with_those_that_are(
    model: Model, environment: Environment
) -> None:
    done = load.run(environment, Report(quiet=True), wish(), 0.2)
    with pytest.raises(BadInputError, match="no load 'nothing'") as caught:
        load.recheck(environment, Report(quiet=True), "nothing", seconds=1)
    assert done.id in (caught.value.next_step or "")


def test_beside_another_operation(model: Model, environment: Environment) -> None:
    """What deploys and drills do: shoppers go on while something happens, and afterwards nothing is lost."""
    running = load.start(environment, Report(quiet=True), wish())
    until(lambda: model.orders)
    began = time.monotonic()
    model.down = True
    time.sleep(1.5)
    model.down = False
    before = len(model.orders)
    until(lambda: len(model.orders) > before)
    done = running.finish()
    took = time.monotonic() - began
    assert done.verdict
    assert done.verdict.findings == ()
    assert done.verdict.lost_orders == 0
    # The time without an acknowledgement is the outage's.
    assert 0.7 < done.verdict.longest_gap_seconds < took + 1


def test_the_real_wechat_gets_no_shoppers_but_may_be_looked_at(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model()
    target = InMemory(Address("https://shop.example"), None, None, model)
    monkeypatch.setattr(load, "target", lambda environment, report: target)
    with pytest.raises(BadInputError, match="real WeChat") as caught:
        load.run(environment, Report(quiet=True), wish(), 1)
    assert "--browse-only" in (caught.value.next_step or "")
    harmless = journeys.chosen(journeys.HARMLESS)
    done = load.run(environment, Report(quiet=True), wish(weights=harmless), 0.5)
    assert done.good
    assert done.verdict is None
    assert done.figures.requests > 10
    assert not [method for method, _ in model.seen if method != "GET"]


@pytest.mark.parametrize(("text", "seconds"), [("60s", 60.0), ("90", 90.0), ("5m", 300.0), ("1.5h", 5400.0)])
def test_times_as_people_write_them(text: str, seconds: float) -> None:
    assert load.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "-5s", "soon", "5 d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="no time"):
        load.duration(text)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("calm", {}),
        ("rough", weather.ROUGH),
        ("duplicate=0.2,late_seconds=5,down=true", {"duplicate": 0.2, "late_seconds": 5.0, "down": True}),
    ],
)
def test_weather_as_people_write_it(text: str, kinds: dict[str, Any]) -> None:
    assert weather.parse(text) == kinds


@pytest.mark.parametrize("text", ["", "stormy", "duplicate", "=1", "duplicate=often"])
def test_what_is_no_weather_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="weather"):
        weather.parse(text)


@pytest.fixture
def command(model: Model, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    # What one command line said must not be left to the next test.
    monkeypatch.setattr(options, "GLOBALS", options.Globals())
    return lambda *words: CliRunner().invoke(cli.app, ["--env", "test", "load", *words])


def test_the_command_prints_one_document_and_exits_with_0(command: Callable[..., Any]) -> None:
    done = command("--shoppers", "5", "--for", "2s", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["errors"], found["verdict"]["clean"], found["verdict"]["findings"]) == (0, True, [])
    assert {"step", "name", "p50_ms", "p95_ms", "p99_ms"} - {"step"} <= set(found["figures"]["steps"][0])


def test_the_command_exits_with_1_when_the_checker_finds_something(
    command: Callable[..., Any], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Model._order

    def forget(self: Model, *words: Any) -> Any:
        reply = kept(self, *words)
        del self.orders[reply.body["number"]]
        return reply

    monkeypatch.setattr(Model, "_order", forget)
    monkeypatch.setattr(session, "SETTLE_SECONDS", 0.0)
    done = command("--shoppers", "4", "--for", "4s", "--journey", "order", "--json")
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)
    assert found["good"] is False
    assert {one["kind"] for one in found["verdict"]["findings"]} == {"order lost", "stock lost"}


def test_the_command_says_it_in_words(command: Callable[..., Any]) -> None:
    done = command("--shoppers", "2", "--for", "1s", "--weather", "calm")
    assert done.exit_code == 0, done.output
    assert "checker: clean" in done.stdout
    assert "RPO 0 lost orders" in done.stdout
    assert "p95 ms" in done.stdout.lower()
