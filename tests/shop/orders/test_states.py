"""The life of an order, every state with every event."""

import pytest

from orders.states import FINAL, PAID_FOR, Event, IllegalTransition, State, allowed, next_state, resuming

# A row for each state, a column for each event; a dot is what must not happen.
TABLE = """
            pay   cancel     ship     receive   complete   ask_refund  refund_all  resume_paid  resume_shipped  resume_received
pending     paid  cancelled  .        .         .          .           .           .            .               .
paid        .     .          shipped  .         .          refunding   .           .            .               .
shipped     .     .          .        received  .          refunding   .           .            .               .
received    .     .          .        .         completed  refunding   .           .            .               .
completed   .     .          .        .         .          .           .           .            .               .
cancelled   .     .          .        .         .          .           .           .            .               .
refunding   .     .          .        .         .          refunding   refunded    paid         shipped         received
refunded    .     .          .        .         .          .           .           .            .               .
"""  # noqa: E501
ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [
    (State(row[0]), Event(event), None if to == "." else State(to))
    for row in ROWS[1:]
    for event, to in zip(ROWS[0], row[1:], strict=True)
]


def test_the_table_has_every_pair() -> None:
    assert {(state, event) for state, event, _ in CASES} == {(s, e) for s in State for e in Event}


@pytest.mark.parametrize(("state", "event", "to"), CASES)
def test_each_event_leads_where_it_should_or_is_refused(state: State, event: Event, to: State | None) -> None:
    assert allowed(state, event) == (to is not None)
    if to is not None:
        assert next_state(state, event) is to
        return
    with pytest.raises(IllegalTransition) as refused:
        next_state(state, event)
    assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize("state", FINAL)
def test_nothing_happens_to_a_finished_order(state: State) -> None:
    assert not any(allowed(state, event) for event in Event)


def _reachable(start: State) -> set[State]:
    found = {start}
    while True:
        more = {next_state(s, e) for s in found for e in Event if allowed(s, e)} - found
        if not more:
            return found
        found |= more


def test_every_state_can_be_reached() -> None:
    assert _reachable(State.PENDING) == set(State)


@pytest.mark.parametrize("state", PAID_FOR)
def test_a_paid_order_is_never_cancelled_or_paid_again(state: State) -> None:
    assert _reachable(state) <= PAID_FOR
    assert not allowed(state, Event.PAY)


@pytest.mark.parametrize(
    ("shipped", "received", "back"),
    [(False, False, State.PAID), (True, False, State.SHIPPED), (True, True, State.RECEIVED)],
)
def test_a_partial_refund_leads_back_to_where_it_began(shipped: bool, received: bool, back: State) -> None:
    assert next_state(State.REFUNDING, resuming(shipped=shipped, received=received)) is back
