"""The lock on backups: told apart, said in words, set once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.outputs import StackOutputs
from shopctl import storage
from shopctl.drivers import s3
from shopctl.environment import Environment
from shopctl.report import Report
from shopctl.storage import Lock

BUCKET = "shop-backups-1250000000"


def test_a_lock_says_what_it_is_and_what_it_should_be() -> None:
    assert Lock(BUCKET, 7, 7).text == f"{BUCKET} keeps what is written to it for 7 days"
    assert (
        Lock(BUCKET, 0, 7).text
        == f"{BUCKET} lets go of what is written to it instead of keeping it for 7 days; shopctl up locks it"
    )
    assert [Lock(BUCKET, now, 7).kept for now in (7, 3, 0)] == [True, False, False]


@pytest.fixture
def outputs() -> StackOutputs:
    """A local stack's."""
    return StackOutputs.parse(
        json.loads((Path(__file__).parents[1] / "ansible" / "outputs.json").read_text())
    )


class Store:
    """A store that remembers for how long it keeps what."""

    def __init__(self, days: int) -> None:
        self.days, self.asked = days, list[str]()

    @contextmanager
    def opened(self, server: s3.Server, key: s3.Key, *, bucket: str) -> Iterator[Any]:
        self.asked.append(f"{key.access} {server.address}")
        yield self

    def lock(self, client: Any, bucket: str, days: int) -> None:
        assert bucket == BUCKET
        self.days = days


@pytest.mark.parametrize(("before", "changed"), [(0, True), (30, True), (1, False)])
def test_the_keeper_locks_backups_once(
    monkeypatch: pytest.MonkeyPatch, outputs: StackOutputs, before: int, changed: bool
) -> None:
    store = Store(before)
    monkeypatch.setattr(s3, "opened", store.opened)
    monkeypatch.setattr(s3, "locked_days", lambda client, bucket: store.days)
    monkeypatch.setattr(s3, "lock_for", store.lock)
    environment = Environment.load("local")
    assert storage.lock_backups(environment, Report(quiet=True), outputs) is changed
    assert storage.lock_backups(environment, Report(quiet=True), outputs) is False
    assert store.days == outputs.storage.backup_lock_days == 1
    assert set(store.asked) == {"AKIDKEEPER 10.77.240.2"}, "the keeper's key, at the region's own store"
