"""What hosts say, and what the rollout's tasks tell."""

import re
from pathlib import Path

import yaml

from shopctl.rollout import evidence, facts
from shopctl.rollout.evidence import Mark
from shopctl.rollout.facts import Container, HostFacts

ROLE = Path(__file__).resolve().parents[3] / "roles" / "app"


def test_running_containers_are_told_with_release_and_settings() -> None:
    said = "shop-trade localhost/shop:a1 97e1\nother docker.io/x:1 \nshop-worker localhost/shop:b2 97e1\n"
    assert facts.containers(said) == {
        "shop-trade": Container("a1", "97e1"),
        "shop-worker": Container("b2", "97e1"),
    }
    assert facts.containers("") == {}


def test_applied_migrations_are_the_marked_ones() -> None:
    said = "[X]  catalog.0001_initial\n[ ]  orders.0002_note\n[X]  orders.0001_initial\n"
    assert facts.applied(said) == ("catalog.0001_initial", "orders.0001_initial")


def test_the_unit_that_ends_most_often_is_named_first() -> None:
    counts = {"user": 0, "trade": 3, "admin": 9}
    said = "\n\n".join(f"NRestarts={count}\nId=shop-{name}.service" for name, count in counts.items())
    assert facts.restarting(said) == ["shop-admin.service", "shop-trade.service"]


def test_of_a_log_the_shops_own_lines_are_told() -> None:
    engine = ["13:44 container died b10b (image=x)", "conmon b10b <nwarn>: no cgroups", "ab" * 32, " "]
    assert facts.telling([engine[0], "cannot start: no spell", *engine[1:]]) == ["cannot start: no spell"]


def test_of_the_shops_json_the_errors_are_told_with_their_cause() -> None:
    good = '{"level": "info", "message": "request", "path": "/api/v1/client"}'
    bad = (
        '{"level": "error", "message": "request failed", "path": "/api/v1/home", '
        '"exception": "Traceback:\\n  File x\\nRuntimeError: broken"}'
    )
    assert facts.telling([good, bad]) == ["error: request failed: /api/v1/home: RuntimeError: broken"]


def test_images_that_run_that_are_needed_and_the_newest_stay() -> None:
    host = HostFacts("web-1", {"shop-trade": Container("a", "")}, ("e", "d", "c", "b", "a"))
    assert facts.surplus(host, keep=2, needed=["b"]) == ("c",)
    assert facts.surplus(host, keep=5, needed=[]) == ()


def test_stages_are_timed_from_when_the_host_was_taken_out() -> None:
    tasks = list(evidence.STAGES)[:6]
    marks = [Mark(10.0 + 2 * i, "web-1", f"app : {task}") for i, task in enumerate(tasks)]
    assert evidence.by_host([Mark(0.0, "web-2", "app : Look"), *marks]) == {
        "web-1": {"drain": 2.0, "start": 2.0, "ready": 2.0, "warm": 2.0, "return": 2.0, "out": 10.0}
    }
    assert evidence.gates(marks) == ["web-1 ready", "web-1 warm", "web-1 in the balancer"]


def test_a_host_that_failed_has_the_stages_until_then() -> None:
    marks = [
        Mark(1.0, "web-1", "Tell the balancer to take the host out"),
        Mark(4.0, "web-1", "Start the release"),
    ]
    assert evidence.by_host(marks) == {"web-1": {"start": 3.0}}


def test_the_role_has_the_tasks_that_are_timed() -> None:
    text = "\n".join(path.read_text() for path in (ROLE / "tasks").glob("*.yml"))
    told = set(re.findall(r"name: (.+)", text))
    told.add("Wait until the balancer has taken the host back")
    assert set(evidence.STAGES) <= told


def test_role_and_command_mean_the_same_file() -> None:
    assert yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["app_drained_file"] == facts.DRAINED_FILE
