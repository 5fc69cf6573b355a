"""A watch over a host that is made up, second by second: when it ends, and with which verdict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from shopctl.rollout import sample, traffic, watch
from shopctl.rollout.gates import Gate, Unit
from shopctl.rollout.limits import Limits
from shopctl.rollout.traffic import Window
from shopctl.rollout.watch import Watched
from tests.unit.shopctl.test_rollout_traffic import line

FLIP = 1000.0
WATCHED = Watched("web-1", "aa11-bb22", "aa11", ("trade", "user"), ("worker",), memory_mb=300)
LIMITS = Limits(watch_seconds=8, min_requests=10)
Second = Callable[[int], str]


@dataclass
class Host:
    """Answers as a host does. Each second it has `rate` more requests in its log; `status` and `seconds` are theirs."""

    rate: int = 10
    status: Second = lambda second: "200"
    seconds: Second = lambda second: "0.020"
    ready: Second = lambda second: "200"
    megabytes: Callable[[int], int] = lambda second: 150
    restarts: Callable[[int], int] = lambda second: 0
    release: str = "aa11"
    now: float = 0.0
    links: Sequence[str] = ()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def run(self, argv: Sequence[str], /) -> str:
        second = int(self.now)
        match argv[0]:
            case "date":
                return f"{FLIP + self.now}\n"
            case "stat":
                self.links = argv[2:]
                return f"{FLIP + 0.25}\n{FLIP}\n"
            case "tail":
                return "".join(self._line(n) for n in range(int(self.now * self.rate)))
            case "ps":
                kb = 1024 * self.megabytes(second)
                return f"  2000 shop-trade-aa11-old.service\n {kb} shop-trade-aa11-bb22.service\n  900 ssh.service\n"
            case "systemctl":
                assert argv[-1] == "shop-*-aa11-bb22.service"
                return "\n\n".join(
                    f"NRestarts={self.restarts(second)}\nId=shop-{group}-aa11-bb22.service\nActiveState=active"
                    for group in WATCHED.every
                )
            case "curl":
                assert "/run/shop/aa11-bb22/worker.sock" in argv
                return "".join(f"{group} {self.ready(second)}\n" for group in WATCHED.every)
            case _:
                raise AssertionError(argv)

    def _line(self, number: int) -> str:
        second = number // self.rate
        told = {
            "msec": f"{FLIP + number / self.rate:.3f}",
            "status": self.status(second),
            "upstream_response_time": self.seconds(second),
            "upstream_http_x_shop_release": self.release,
        }
        return line(**told) + "\n"


def watched(host: Host, **more: object) -> dict[str, Gate]:
    usual = Window.of(traffic.requests("\n".join([line(upstream_response_time="0.020")] * 100)))
    found = watch.watch(
        WATCHED,
        host.run,
        LIMITS,
        before=usual,
        clock=host.clock,
        sleep=host.sleep,
        **more,  # type: ignore[arg-type]
    )
    assert [gate.name for gate in found] == ["ready", "restarts", "error rate", "response time", "memory"]
    assert {gate.host for gate in found} == {"web-1"}
    return {gate.name: gate for gate in found}


def test_a_good_version_is_watched_to_the_end() -> None:
    host = Host()
    found = watched(host)
    assert {name: gate.passed for name, gate in found.items()} == dict.fromkeys(found, True)
    assert host.now == pytest.approx(LIMITS.watch_seconds)
    assert found["error rate"].figures["after"]["all"]["count"] == 80
    assert host.links == ("/var/lib/shop/serving/trade.sock", "/var/lib/shop/serving/user.sock")


def test_a_worker_alone_is_watched_by_what_it_has() -> None:
    host = Host(restarts=lambda second: second // 2)
    worker = replace(WATCHED, groups=())
    found = watch.watch(worker, host.run, LIMITS, before=Window(), clock=host.clock, sleep=host.sleep)
    assert {gate.name: gate.passed for gate in found} == {
        "ready": True,
        "restarts": False,
        "error rate": None,
        "response time": None,
        "memory": True,
    }
    assert host.links == ("/var/lib/shop/serving/worker.sock",)


@pytest.mark.parametrize(
    ("host", "gate", "within", "words"),
    [
        (Host(status=lambda second: "500"), "error rate", 1, "10 of 10 requests in all failed"),
        (Host(rate=1, status=lambda second: "500"), "error rate", 5, "5 of 5"),
        (Host(status=lambda second: "502", release=""), "error rate", 1, "10 of 10"),
        (Host(status=lambda second: "500" if second > 3 else "200"), "error rate", 5, "10 of 50"),
        (Host(seconds=lambda second: "0.900"), "response time", 1, "10 of 10 requests of trade"),
        (Host(seconds=lambda second: "0.900" if second > 3 else "0.02"), "response time", 5, "10 of 50"),
        (Host(megabytes=lambda second: 100 + 60 * second), "memory", 2, "grew by 120 MB"),
        (Host(megabytes=lambda second: 301), "memory", 0, "301 MB, and may have 300 MB"),
        (Host(restarts=lambda second: second // 2), "restarts", 2, "trade ended and was started again"),
        (Host(ready=lambda second: "503" if second > 3 else "200"), "ready", 6, "trade answers 503"),
        (Host(ready=lambda second: "000"), "ready", 2, "trade does not answer"),
    ],
)
def test_what_is_clearly_bad_is_not_watched_any_longer(
    host: Host, gate: str, within: float, words: str
) -> None:
    found = watched(host)
    assert {name for name, each in found.items() if each.failed} == {gate}
    assert words in found[gate].said
    assert host.now == pytest.approx(within)


def test_a_blink_of_a_dependency_ends_nothing() -> None:
    host = Host(ready=lambda second: "503" if second in {2, 3} else "200")
    assert watched(host)["ready"].passed is True
    last = Host(ready=lambda second: "503" if second == 8 else "200")
    assert watched(last)["ready"].passed is False


def test_some_failures_are_judged_at_the_end_and_not_before() -> None:
    host = Host(status=lambda second: "500" if second == 4 else "200", rate=3)
    found = watched(host)
    assert (found["error rate"].passed, host.now) == (False, LIMITS.watch_seconds)
    assert found["error rate"].said.startswith("3 of 24")


def test_without_shoppers_the_warm_up_is_the_evidence() -> None:
    quiet = Host(rate=0)
    assert watched(quiet)["error rate"].passed is None
    warm = traffic.warmed("trade", "200 0.01 http://localhost/a\n500 0.01 http://localhost/b\n")
    assert watched(Host(rate=0), warmed=warm)["error rate"].failed
    assert watched(Host(rate=0), warmed=warm[:1])["error rate"].passed is True


def test_what_slows_the_hosts_beside_as_well_is_forgiven() -> None:
    slow, other = Host(seconds=lambda second: "0.900"), Host(seconds=lambda second: "0.850", release="old")

    def beside(argv: Sequence[str], /) -> str:
        other.now = slow.now
        return other.run(argv)

    assert watched(slow, beside={"web-2": beside})["response time"].passed is True


def test_what_is_usual_is_what_the_last_minutes_had() -> None:
    host = Host(rate=10, now=60.0)
    assert watch.usual(host.run, Limits(before_seconds=20)).all.count == 200


def test_what_hosts_say_is_read_whatever_surrounds_it() -> None:
    assert sample.memory_of(" 10240 shop-trade-a-b.service\n2048 shop-trade-a-b.service\n1 -\n\n", "a-b") == {
        "trade": 12.0
    }
    said = "Id=shop-user-a-b.service\nNRestarts=2\nActiveState=failed\n\nId=nginx.service\nNRestarts=0"
    assert sample.units_of(said) == {"user": Unit(2, "failed")}
    assert sample.answers_of("trade 200\ncurl: (7) failed to connect\nworker 000\n") == {
        "trade": 200,
        "worker": 0,
    }


def test_readiness_is_one_command_for_all_groups() -> None:
    argv = sample.readiness("v", ["trade", "worker"])
    assert argv.count("--next") == 1
    assert argv.count("--max-time") == argv.count("--silent") == 2
    assert argv[-1] == "http://localhost/healthz"
    assert "http://localhost/readyz/alone" in argv
