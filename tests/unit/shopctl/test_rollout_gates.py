"""What each judge makes of what was seen: tables of cases, each with its verdict and its words."""

import json
import random
from collections.abc import Sequence

import pytest

from infra.settings import RolloutSettings
from shopctl.rollout import gates
from shopctl.rollout.gates import Gate, Traffic, Unit
from shopctl.rollout.limits import Limits
from shopctl.rollout.traffic import Sample, Window

LIMITS = Limits()


def window(count: int, errors: int = 0, *, group: str = "trade", ms: float = 10.0) -> Window:
    """So many requests, all of them as long."""
    return Window({group: Sample((ms,) * count, errors)}) if count else Window()


def timed(times: Sequence[float], group: str = "trade") -> Window:
    return Window({group: Sample(tuple(sorted(times)))})


ERRORS = {
    # name: (before, after, warmed, passed at the end, passed early, words)
    "all is well": (window(500), window(200), None, True, True, "0 of 200 requests failed"),
    "everything is broken": (
        window(500),
        window(10, 10),
        None,
        False,
        False,
        "10 of 10 requests in all failed",
    ),
    "everything is broken, and few ask": (window(500), window(3, 3), None, False, None, "3 of 3"),
    "one failure of few is no verdict": (window(500), window(30, 1), None, True, True, "1 of 30"),
    "one failure is none": (window(500), window(4, 1), window(9), True, True, "only 4 requests came"),
    "a few of few fail": (window(500), window(60, 3), None, False, True, "3 of 60"),
    "every twentieth fails": (window(500), window(200, 10), None, False, False, "10 of 200"),
    "a third fails": (window(500), window(60, 20), None, False, False, "20 of 60"),
    "as many as before, of many": (window(2000, 100), window(200, 11), None, True, True, "11 of 200"),
    "twice as many as before, of many": (
        window(2000, 100),
        window(400, 40),
        None,
        False,
        False,
        "before: 100",
    ),
    "little, but far more than ever": (window(50000, 5), window(5000, 25), None, False, False, "25 of 5000"),
    "nobody knows what was before": (window(0), window(100, 8), None, False, False, "before: unknown"),
    "before there was one request": (window(1, 1), window(100, 100), None, False, False, "100 of 100"),
    "a fix of what was broken": (window(300, 300), window(100, 20), None, True, True, "20 of 100"),
    "nobody came": (window(500), window(0), None, None, None, "no request came, too few to judge by"),
    "few came": (window(500), window(19), None, None, None, "only 19 requests came, too few"),
    "few came, and the warm-up was well": (
        window(9),
        window(3),
        window(12),
        True,
        True,
        "12, 0 of them failed",
    ),
    "nobody came, and the warm-up was not": (
        window(9),
        window(0),
        window(12, 1),
        False,
        False,
        "1 of them failed",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_error_rate(case: str) -> None:
    before, after, warmed, at_end, early, words = ERRORS[case]
    traffic = Traffic(before, after, warmed=warmed or Window())
    found = gates.errors("web-1", traffic, LIMITS)
    assert (found.passed, found.name, found.host) == (at_end, "error rate", "web-1")
    assert words in found.said
    assert gates.errors("web-1", traffic, LIMITS, early=True).passed is early


def test_a_group_that_the_others_would_hide_is_found() -> None:
    quiet = Window({"trade": Sample((10.0,) * 900, 0), "service": Sample((10.0,) * 8, 8)})
    found = gates.errors("web-1", Traffic(window(900), quiet), LIMITS)
    assert (found.passed, found.said) == (False, "8 of 8 requests of service failed (5xx); before: unknown")
    assert found.group == "service"


def test_whose_log_tells_more_is_named() -> None:
    broken = Window({"trade": Sample((10.0,) * 90, 30), "user": Sample((10.0,) * 90, 31)})
    assert gates.errors("web-1", Traffic(window(900), broken), LIMITS).group == "user"
    assert gates.memory("web-1", {}, {"trade": 1.0, "admin": 9.0}, LIMITS, limit_mb=5).group == "admin"
    assert gates.restarts("web-1", ["trade"], {}, {"trade": Unit(1, "active")}).group == "trade"
    assert gates.restarts("web-1", ["trade"], {}, {}).group == "trade"
    assert gates.ready("web-1", ["user", "trade"], {"user": 200}).group == "trade"


def test_what_strikes_the_hosts_beside_is_not_the_releases_doing() -> None:
    broken = Traffic(before=window(500), after=window(100, 10), beside=window(300, 30))
    assert gates.errors("web-1", broken, LIMITS).passed is True


def test_the_limits_are_the_environments() -> None:
    strict, lax = Limits(max_error_rate=0.0), Limits(max_error_rate=0.2, max_error_growth=100)
    assert gates.errors("web-1", Traffic(window(500), window(500, 2)), strict).failed
    assert gates.errors("web-1", Traffic(window(500), window(200, 20)), lax).passed is True
    assert gates.errors("web-1", Traffic(window(500), window(9)), Limits(min_requests=5)).passed is True


def spread(count: int, typical: float, seed: int = 1) -> list[float]:
    """Times with a long tail, as those of requests have."""
    dice = random.Random(seed)
    return [typical * dice.lognormvariate(0, 0.6) for _ in range(count)]


SLOW = {
    # name: (times before, after, passed at the end, passed early, words)
    "as before": (spread(500, 20), spread(200, 20, 2), True, True, "p95"),
    "three times as long, which nobody feels": (spread(500, 20), spread(200, 60, 2), True, True, "p95"),
    "half a second more": (spread(500, 20), [t + 500 for t in spread(200, 20, 2)], False, False, "before: "),
    "half a second more, few requests": ([20.0] * 40, [520.0] * 20, False, False, "20 of 20"),
    "300 ms more where 400 are usual": (spread(500, 400), spread(200, 700, 2), True, True, "p95"),
    "three times as long where 400 are usual": (
        spread(500, 400),
        spread(200, 1200, 2),
        False,
        False,
        "trade",
    ),
    "one slow answer of 20": ([20.0] * 100, [20.0] * 19 + [5000.0], True, True, "p95 20 ms in 20"),
    "two slow answers of 20": ([20.0] * 100, [20.0] * 18 + [5000.0] * 2, True, True, "p95 5000 ms"),
    "every fifth of 25 is slow": ([20.0] * 100, [20.0] * 20 + [5000.0] * 5, False, True, "5 of 25"),
    "every fifth of 100 is slow": ([20.0] * 100, [20.0] * 80 + [5000.0] * 20, False, False, "20 of 100"),
    "one outlier before is no leave to be slow": (
        [20.0] * 29 + [9000.0],
        [2500.0] * 20,
        False,
        False,
        "2000 ms",
    ),
    "nothing before": ([], [1500.0] * 50, True, True, "p95 1500"),
    "nothing before, and very slow": ([], [2500.0] * 50, False, False, "more than 2000 ms"),
    "too few": ([20.0] * 100, [9000.0] * 19, None, None, "only 19 requests came"),
}


@pytest.mark.parametrize("case", SLOW)
def test_response_time(case: str) -> None:
    before, after, at_end, early, words = SLOW[case]
    traffic = Traffic(before=timed(before), after=timed(after))
    found = gates.latency("web-1", traffic, LIMITS)
    assert found.passed is at_end, found.said
    assert words in found.said
    assert gates.latency("web-1", traffic, LIMITS, early=True).passed is early


def test_a_slow_group_is_found_among_quick_ones() -> None:
    now = Window({"catalogue": Sample((5.0,) * 900), "trade": Sample((800.0,) * 30)})
    before = Window({"catalogue": Sample((5.0,) * 900), "trade": Sample((20.0,) * 90)})
    found = gates.latency("web-1", Traffic(before, now), LIMITS)
    assert found.said == "30 of 30 requests of trade took more than 220 ms (p95 800 ms; before: 20 ms)"
    assert found.figures["limit_ms"] == {"catalogue": 205.0, "trade": 220.0}
    assert found.group == "trade"


def test_a_machine_that_is_slow_for_all_is_not_the_releases_doing() -> None:
    slow = Traffic(before=timed([20.0] * 90), after=timed([900.0] * 50), beside=timed([800.0] * 50))
    assert gates.latency("web-1", slow, LIMITS).passed is True


def test_where_shoppers_are_few_the_warm_up_counts() -> None:
    few = Traffic(before=timed([20.0] * 90), after=timed([20.0] * 3), warmed=timed([30.0, 40.0]))
    assert gates.latency("web-1", few, LIMITS).said == (
        "only 3 requests came; of the warm-up's 2, 0 of them took more than 2000 ms"
    )
    slow = Traffic(warmed=timed([30.0, 4000.0]))
    assert gates.latency("web-1", slow, LIMITS).failed


def test_an_honest_release_is_rarely_refused() -> None:
    refused = [
        gates.latency(
            "web-1",
            Traffic(timed(spread(80, 50, seed)), timed(spread(60, 50, -seed - 1))),
            LIMITS,
            early=early,
        ).failed
        for seed in range(500)
        for early in (False, True)
    ]
    assert sum(refused) == 0


@pytest.mark.parametrize(
    ("at_first", "now", "passed", "words"),
    [
        ({"trade": 140.0, "worker": 90.0}, {"trade": 150.0, "worker": 90.0}, True, "at most 150 MB (trade)"),
        (
            {"trade": 140.0},
            {"trade": 140.0, "worker": 201.0},
            False,
            "worker has 201 MB, and may have 200 MB",
        ),
        ({"trade": 40.0}, {"trade": 141.0}, False, "trade grew by 101 MB to 141 MB while it was watched"),
        ({"trade": 40.0}, {"trade": 140.0}, True, "140 MB"),
        ({}, {}, None, "no process was found"),
    ],
)
def test_memory(at_first: dict[str, float], now: dict[str, float], passed: bool | None, words: str) -> None:
    found = gates.memory("web-1", at_first, now, LIMITS, limit_mb=200)
    assert found.passed is passed
    assert words in found.said


@pytest.mark.parametrize(
    ("unit", "passed", "words"),
    [
        (Unit(0, "active"), True, "no unit was started again"),
        (Unit(1, "active"), False, "trade ended and was started again (1 times)"),
        (Unit(0, "activating"), False, "trade ended"),
        (Unit(0, "failed"), False, "the unit of trade is failed"),
        (None, False, "the unit of trade is unknown to systemd"),
    ],
)
def test_restarts(unit: Unit | None, passed: bool, words: str) -> None:
    now = {"user": Unit(0, "active")} | ({"trade": unit} if unit else {})
    found = gates.restarts("web-1", ["user", "trade"], {}, now)
    assert found.passed is passed
    assert words in found.said


def test_restarts_of_before_the_watch_are_history() -> None:
    before, now = {"trade": Unit(3, "active")}, {"trade": Unit(3, "active")}
    assert gates.restarts("web-1", ["trade"], before, now).passed is True


@pytest.mark.parametrize(
    ("answers", "passed", "words"),
    [
        ({"trade": 200, "worker": 200}, True, "trade, worker: ready"),
        ({"trade": 503, "worker": 200}, False, "trade answers 503"),
        ({"trade": 0, "worker": 200}, False, "trade does not answer"),
        ({}, False, "trade does not answer; worker does not answer"),
    ],
)
def test_readiness(answers: dict[str, int], passed: bool, words: str) -> None:
    found = gates.ready("web-1", ["trade", "worker"], answers)
    assert (found.passed, found.said) == (passed, words)


def test_a_gate_goes_into_the_journal_with_its_evidence() -> None:
    found = gates.errors("web-1", Traffic(window(500), window(10, 10)), LIMITS)
    told = json.loads(json.dumps(found.as_json()))
    assert told["figures"]["after"]["all"]["errors"] == 10
    assert told["figures"]["before"]["trade"]["count"] == 500
    assert Gate("x", "h", None, "").as_json() == {
        "name": "x",
        "host": "h",
        "passed": None,
        "said": "",
        "figures": {},
        "group": "",
    }


def test_an_environment_can_set_every_limit_and_what_it_leaves_out_is_the_default() -> None:
    assert set(RolloutSettings.model_fields) == set(Limits.__dataclass_fields__)
    assert Limits.of(RolloutSettings()) == LIMITS
    assert Limits.of(RolloutSettings(max_p95_growth=5, shoppers=0)) == Limits(max_p95_growth=5, shoppers=0)
