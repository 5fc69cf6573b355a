"""What a rehearsal makes of what it saw."""

from dataclasses import replace

import pytest

from shopctl.rehearse import samples, verdict
from shopctl.rehearse.samples import Migrated, Ran, Sample, Stage, Wait, Watched

# The migrations run from 100 to 110: the first for 4 s, the second for 6.
RAN = Migrated((Ran("orders.0002_a", 100, 104), Ran("orders.0003_b", 104, 110)), began=100, ended=110)


def stage(*seen: Sample, migrated: Migrated = RAN, waits: tuple[Wait, ...] = (), failed: str = "") -> Stage:
    calm = tuple(Sample("GET /orders", 80 + i, 0.1) for i in range(10))
    return Stage("pre", "abc", Watched((*calm, *seen), waits, failed=failed), migrated)


def reasons(*seen: Sample, migrated: Migrated = RAN) -> tuple[str, ...]:
    return verdict.judge([stage(*seen, migrated=migrated)]).reasons


def test_what_nobody_notices_is_good() -> None:
    found = verdict.judge([stage(Sample("GET /orders", 101, 0.3), Sample("POST /orders", 112, 0.2))])
    assert found.good
    assert found.reasons == ()
    assert [(one.name, one.seconds, one.stall, one.stalled) for one in found.migrations] == [
        ("orders.0002_a", 4, 0.3, "GET /orders"),
        ("orders.0003_b", 6, 0, "nothing"),
    ]
    assert (found.calm[0].requests, found.calm[0].p95, found.calm[0].longest) == (9, 0.1, 0.1)


def test_a_request_that_waited_is_held_against_each_migration_that_it_waited_for() -> None:
    (reason,) = reasons(Sample("POST /orders", 101, 2.9))
    assert reason.startswith("orders.0002_a kept POST /orders waiting for 2.9 s; without it nothing waited")
    assert len(reasons(Sample("POST /orders", 103, 3.0))) == 2
    # As long as without migrations on top of the limit.
    assert reasons(Sample("POST /orders", 101, 2.1)) == ()


def test_one_that_began_before_and_ended_within_counts() -> None:
    assert len(reasons(Sample("model orders.Order write", 97, 4.5))) == 1
    assert reasons(Sample("GET /orders", 95, 4.9)) == ()


def test_what_fails_from_the_migrations_on_is_told_by_name_with_its_first_error() -> None:
    found = verdict.judge(
        [
            stage(
                Sample("GET /me", 105, 0.1, "OperationalError: (1054, \"Unknown column 'nickname'\")"),
                Sample("GET /me", 111, 0.1, "another"),
                Sample("GET /me", 112, 0.1),
                Sample("GET /home", 112, 0.1),
            )
        ]
    )
    assert not found.good
    (error,) = found.errors
    assert (error.name, error.count, error.of) == ("GET /me", 2, 3)
    assert "abc fails after the migrations: GET /me: OperationalError: (1054" in found.reasons[0]


def test_a_migration_that_fails_is_named_with_its_last_line_and_what_it_held_up() -> None:
    broken = replace(RAN, ran=RAN.ran[:1], failed="Traceback\nOperationalError: (1060, 'Duplicate column')\n")
    found = verdict.judge([stage(Sample("GET /orders", 105, 3), migrated=broken)])
    assert (
        found.reasons[0] == "a migration could not be applied: OperationalError: (1060, 'Duplicate column')"
    )
    assert "the one that failed kept GET /orders waiting for 3.0 s" in found.reasons[1]


def test_waits_for_metadata_are_told_with_the_migration() -> None:
    waits = (Wait(102, 3, 1.5, "ALTER TABLE x"), Wait(103, 1, 0.4), Wait(90, 9, 9))
    (first, second) = verdict.judge([stage(waits=waits)]).migrations
    assert (first.lock_wait, second.lock_wait) == (1.5, 0)


@pytest.mark.parametrize(
    ("played", "why"),
    [
        (stage(failed="Traceback\nValueError: no"), "abc could not be loaded: ValueError: no"),
        (Stage("pre", "abc", Watched(), RAN), "answered nothing before"),
        (
            stage(Sample("GET /me", 90, 0.1, "500")),
            "does not work on the copy even without the migrations: GET /me: 500",
        ),
        (stage(*(Sample("GET /me", 90 + i / 10, 3) for i in range(20))), "too busy to measure"),
    ],
)
def test_a_stage_that_tells_nothing_is_no_verdict(played: Stage, why: str) -> None:
    assert why in verdict.unfit(played)


def test_a_fit_stage_is_fit() -> None:
    assert verdict.unfit(stage(Sample("GET /me", 105, 9, "500"))) == ""


def test_what_the_load_tells_is_read_line_by_line() -> None:
    lines = [
        "WARNING: something of the engine",
        '{"started": 1, "steps": ["GET /me"]}',
        '{"name": "GET /me", "at": 2, "seconds": 0.5, "said": ""}',
        '{"waiting": 2, "at": 3, "seconds": 1.25, "statement": "ALTER"}',
        '{"name": "GET /me", "at": 2, "sec',
    ]
    assert samples.watched(lines) == Watched(
        (Sample("GET /me", 2, 0.5),), (Wait(3, 2, 1.25, "ALTER"),), ("GET /me",)
    )
    assert samples.watched(['{"failed": "no"}']).failed == "no"


def test_what_the_migrations_tell_is_read_line_by_line() -> None:
    lines = [
        '{"began": 100}',
        '{"migration": "orders.0002_a", "ended": 104, "seconds": 4}',
        '{"failed": "Traceback", "ended": 110}',
    ]
    assert samples.migrated(lines) == Migrated((Ran("orders.0002_a", 100, 104),), 100, 110, "Traceback")
