"""The lease in a bucket: never two holders, whatever the order of their steps; a dead one's is free."""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from shopctl.errors import ShopctlError
from shopctl.lease import EXPIRES_AFTER, Held, Process, Record
from shopctl.lease_bucket import BucketLease
from tests.unit.shopctl.shelf import Shelf

FAR = Process("eve", "server", 300, 7000)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def claim(shelf: Shelf, holder: Process = FAR) -> Record:
    record = Record(holder, "up", time.time(), 0.0, "theirs")
    shelf.put("shopctl/lease/staging/theirs.json", json.dumps(asdict(record)).encode())
    return record


def test_it_is_taken_renewed_and_given_back(shelf: Shelf) -> None:
    lease = BucketLease(shelf, "staging")
    record = lease.try_take("up")
    assert isinstance(record, Record)
    found = lease.read()
    assert found is not None
    assert found.token == record.token
    lease.renew(record)
    lease.give_back(record)
    assert shelf.objects == {}


def test_somebody_elses_is_respected_and_nothing_is_left_behind(shelf: Shelf) -> None:
    claim(shelf)
    answer = BucketLease(shelf, "staging").try_take("up")
    assert isinstance(answer, Held)
    assert answer.record.holder == FAR
    assert len(shelf.objects) == 1


def test_each_environment_has_its_own(shelf: Shelf) -> None:
    claim(shelf)
    assert isinstance(BucketLease(shelf, "production").try_take("up"), Record)


@pytest.mark.parametrize("ahead", [0.0, -7200.0, 7200.0], ids=["same clock", "store behind", "store ahead"])
def test_age_is_told_by_the_stores_clock(shelf: Shelf, ahead: float) -> None:
    shelf.ahead = ahead
    claim(shelf)
    lease = BucketLease(shelf, "staging")
    assert isinstance(lease.try_take("up"), Held)
    shelf.ahead = ahead + EXPIRES_AFTER + 2
    assert isinstance(lease.try_take("up"), Record)
    assert lease.killed is not None
    assert lease.killed.token == "theirs"


def test_a_holder_of_this_machine_that_is_gone_need_not_be_waited_for(shelf: Shelf) -> None:
    claim(shelf, replace(Process.this(), pid=1, started=1))
    assert isinstance(BucketLease(shelf, "staging").try_take("up"), Record)


def test_a_lease_that_was_taken_over_is_not_renewed(shelf: Shelf) -> None:
    lease = BucketLease(shelf, "staging")
    record = lease.try_take("up")
    assert isinstance(record, Record)
    shelf.ahead = EXPIRES_AFTER + 5
    shelf.objects = {}
    claim(shelf)
    with pytest.raises(ShopctlError, match="lease was lost"):
        lease.renew(record)
    lease.give_back(record)
    assert len(shelf.objects) == 1, "the other's stays"


def test_a_torn_claim_counts_as_none(shelf: Shelf) -> None:
    shelf.put("shopctl/lease/staging/torn.json", b"{")
    assert isinstance(BucketLease(shelf, "staging").try_take("up"), Record)


def steps(shelf: Shelf, name: str, holding: set[str]) -> Iterator[None]:
    """What taking the lease does, one access of the store at a time."""
    key = f"shopctl/lease/staging/{name}"
    if shelf.list("shopctl/lease/staging/")[0]:
        return
    yield
    shelf.put(key, b"{}")
    yield
    others = [item for item in shelf.list("shopctl/lease/staging/")[0] if item.key != key]
    if others:
        yield
        shelf.delete(key)
        return
    holding.add(name)


def test_no_order_of_steps_gives_it_to_two() -> None:
    for order in set(itertools.permutations("aaaabbbb")):
        shelf, holding = Shelf(), set[str]()
        running = {name: steps(shelf, name, holding) for name in "ab"}
        for name in order:
            next(running[name], None)
        assert len(holding) <= 1, order


def test_many_at_once_one_at_a_time(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shopctl.lease_bucket.random.uniform", lambda *_: 0.01)
    # Each thread stands for a process of another machine.
    me = threading.local()
    monkeypatch.setattr(Process, "this", classmethod(lambda cls: replace(FAR, host=f"desk-{me.number}")))
    inside: list[int] = []
    worst: list[int] = []

    def work(number: int) -> None:
        me.number = number
        lease = BucketLease(shelf, "staging")
        while not isinstance(taken := lease.try_take("up"), Record):
            time.sleep(0.005 * (number + 1))
        inside.append(number)
        worst.append(len(inside))
        time.sleep(0.01)
        inside.remove(number)
        lease.give_back(taken)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert worst == [1, 1, 1, 1]
