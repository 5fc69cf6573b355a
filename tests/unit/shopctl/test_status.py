"""What the shop's hosts say becomes a picture of its services."""

from shopctl.status import Component, Readiness, Status, app_components

OK = {"mysql": "ok", "redis": "ok", "mongodb": "ok", "rabbitmq": "ok", "s3": "ok"}


def states(*answers: Readiness) -> dict[str, tuple[str, str]]:
    return {part.name: (part.state, part.detail) for part in app_components(answers)}


def test_all_is_well() -> None:
    found = states(Readiness("web-1", OK, ready=True), Readiness("web-2", OK, ready=True))
    assert {state for state, _ in found.values()} == {"healthy"}
    assert found["mysql"] == ("healthy", "reached from web-1, web-2")


def test_a_service_that_one_host_cannot_reach_is_degraded() -> None:
    found = states(Readiness("web-1", OK, ready=True), Readiness("web-2", {**OK, "redis": "timeout"}))
    assert found["redis"] == ("degraded", "web-2: timeout")
    assert found["app on web-2"] == ("unhealthy", "not ready: redis")


def test_a_service_that_no_host_reaches_is_unhealthy() -> None:
    found = states(*(Readiness(host, {**OK, "mysql": "refused"}) for host in ("web-1", "web-2")))
    assert found["mysql"] == ("unhealthy", "web-1: refused; web-2: refused")


def test_when_no_host_answers_services_are_unknown_not_dead() -> None:
    found = states(Readiness("web-1", {}, problem="cannot reach it by SSH"))
    assert found["app on web-1"] == ("unhealthy", "cannot reach it by SSH")
    assert found["mysql"] == ("unknown", "no web host could tell")


def test_one_bad_part_makes_the_whole_unhealthy_and_nothing_is_not_healthy() -> None:
    good = Component("cdn", "cdn", "healthy", "")
    assert Status("local", (good,)).healthy
    assert not Status("local", (good, Component("web-1", "host", "degraded", ""))).healthy
    assert not Status("local", ()).healthy
    assert Status("local", (good,)).as_json() == {
        "environment": "local",
        "healthy": True,
        "components": [{"name": "cdn", "kind": "cdn", "state": "healthy", "detail": ""}],
    }
