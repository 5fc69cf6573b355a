"""Nginx's log as requests, and requests as windows. Lines are made by the log format that Nginx has."""

import json
import random
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from shopctl.rollout import traffic
from shopctl.rollout.traffic import Request, Sample, Window

TEMPLATE = Path(__file__).resolve().parents[3] / "templates" / "nginx" / "log.conf.j2"
FORMAT = "".join(re.findall(r"^    '(.*)'", TEMPLATE.read_text(), re.MULTILINE))
USUAL = {
    "request_uri": "/api/v1/orders",
    "status": "201",
    "upstream_addr": "unix:/var/lib/shop/serving/trade.sock",
    "upstream_response_time": "0.012",
    "request_time": "9.000",
    "upstream_http_x_shop_release": "0123456789ab",
    "msec": "1764344514.250",
    "body_bytes_sent": "40",
}


def line(**values: str) -> str:
    """A line as Nginx writes it, which escapes quotes and backslashes in what comes from outside."""
    told: Mapping[str, str] = USUAL | values
    return re.sub(
        r"\$(\w+)", lambda found: json.dumps(told.get(found[1], ""), ensure_ascii=False)[1:-1], FORMAT
    )


def test_a_request_is_told_with_release_group_and_the_shops_own_time() -> None:
    [request] = traffic.requests(line())
    assert request == Request(1764344514.25, "0123456789ab", "trade", 201, 12.0)
    assert not request.failed


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"request_uri": "/healthz"}, id="the balancer's probe"),
        pytest.param({"request_uri": "/readyz"}, id="readiness"),
        pytest.param({"request_uri": "/metrics/trade"}, id="metrics"),
        pytest.param(
            {"request_uri": "/static/a.css", "upstream_addr": "10.77.240.2:443"}, id="a static file"
        ),
        pytest.param({"upstream_addr": ""}, id="what Nginx refused by itself"),
    ],
)
def test_what_no_process_group_did_for_a_shopper_is_left_out(values: dict[str, str]) -> None:
    assert list(traffic.requests(line(**values))) == []


@pytest.mark.parametrize(
    "garbage",
    [
        line()[40:],
        line()[:-40],
        line()[:-1] + "\0\0\0",
        "",
        "\0" * 20,
        '"upstream":"unix:',
        '["upstream","upstream":"unix:/a.sock"]',
        '{"upstream":"unix:/a.sock"}',
        line(msec='"never"'),
        line(status="000"),
        line(upstream_response_time="soon"),
        re.sub('"release":"[^"]*",', "", line()),
        re.sub('"upstream_duration":"[^"]*"', '"upstream_duration":null', line()),
    ],
)
def test_what_is_not_whole_is_skipped_and_the_rest_is_read(garbage: str) -> None:
    assert len(list(traffic.requests(f"{line()}\n{garbage}\n{line()}\n"))) == 2


def test_what_shoppers_send_ends_no_line_and_opens_none() -> None:
    evil = 'x\u2028\x85"}\n{"upstream":"unix:/a.sock"'
    assert [request.group for request in traffic.requests(line(http_user_agent=evil))] == ["trade"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"upstream_http_x_shop_release": "", "status": "502", "upstream_response_time": "0.001"},
            ("", 502, 1.0),
        ),
        (
            {"upstream_http_x_shop_release": "", "status": "504", "upstream_response_time": "-"},
            ("", 504, 0.0),
        ),
        (
            {"upstream_addr": "unix:/a/user.sock, unix:/a/trade.sock", "upstream_response_time": "0.5, 0.25"},
            ("0123456789ab", 201, 750.0),
        ),
        (
            {"upstream_addr": "10.0.0.1:80 : unix:/a/trade.sock", "upstream_http_x_shop_release": "- : b"},
            ("b", 201, 12.0),
        ),
    ],
)
def test_requests_that_took_several_turns(values: dict[str, str], expected: tuple[str, int, float]) -> None:
    told = line(**values).replace('"upstream":"10', '"upstream":"unix:x : 10')
    [request] = traffic.requests(told)
    assert (request.release, request.status, request.milliseconds) == expected
    assert request.group == "trade"


def made(release: str, at: float, status: int = 200, group: str = "trade") -> Request:
    return Request(at, release, group, status, 10.0)


def test_windows_tell_the_releases_apart() -> None:
    found = [
        made("old", 90.0),
        made("old", 99.9, 500),
        made("old", 100.5),  # in hand when the other took over
        made("new", 100.1),
        made("new", 101.0, 503),
        made("", 101.0, 502),  # nobody answered
        made("", 99.0, 502),
        made("new", 99.0),  # warmed before it served
        made("new", 101.0, 500, "user"),  # not a group of this rollout
    ]
    new = traffic.after(found, "new", ["trade"], since=100.0)
    assert (new.all.count, new.all.errors) == (3, 2)
    usual = traffic.before(found, since=95.0, until=100.0)
    assert (usual.all.count, usual.all.errors) == (3, 2)


def test_a_window_tells_counts_errors_and_percentiles_by_group_and_in_all() -> None:
    times = list(range(1, 101))
    random.Random(1).shuffle(times)
    window = Window.of(
        [*(Request(0.0, "a", "trade", 200, float(ms)) for ms in times), Request(0.0, "a", "user", 500, 7.0)]
    )
    assert window.times()["trade"] == {"count": 100, "p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
    assert window.times()["all"] == {"count": 101, "p50_ms": 50, "p95_ms": 95, "p99_ms": 99}
    assert window.counts() == {
        "all": {"count": 101, "errors": 1, "error_rate": 0.0099},
        "trade": {"count": 100, "errors": 0, "error_rate": 0.0},
        "user": {"count": 1, "errors": 1, "error_rate": 1.0},
    }
    assert window.group("admin") == Sample()
    assert Window().all.percentile(0.95) == 0


def test_of_a_warm_up_the_last_answers_count() -> None:
    said = "500 2.5 http://localhost/a\n200 0.010 http://localhost/b\n200 0.020 http://localhost/a\n000 0.0 http://x/c\n"
    found = traffic.warmed("trade", said)
    assert [(one.status, one.milliseconds) for one in found] == [(200, 20.0), (200, 10.0), (504, 0.0)]
    assert Window.of(found).all.errors == 1


def test_what_is_read_from_a_host_is_limited_and_quick_to_read() -> None:
    command, size, file = traffic.RECENT
    assert (command, file) == ("tail", "/var/log/nginx/access.log")
    one = line(http_user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0" * 3)
    said = f"{one}\n" * (int(size.removeprefix("--bytes=")) // len(one))
    began = time.process_time()
    count = sum(1 for _ in traffic.requests(said))
    assert count > 1000
    # 25 ms on the machine that this was written on; a fivefold is a mistake, not a slow machine.
    assert (time.process_time() - began) / count < 0.0001
