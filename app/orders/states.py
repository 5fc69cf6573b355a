"""The life of an order: which event leads from which state to which. Pure."""

from enum import StrEnum


class State(StrEnum):
    """How far an order is."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    RECEIVED = "received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class Event(StrEnum):
    """What can happen to an order.

    The three RESUME events end a refund that gave back only a part, or nothing: the order goes on where it was.
    """

    PAY = "pay"
    CANCEL = "cancel"
    SHIP = "ship"
    RECEIVE = "receive"
    COMPLETE = "complete"
    ASK_REFUND = "ask_refund"
    REFUND_ALL = "refund_all"
    RESUME_PAID = "resume_paid"
    RESUME_SHIPPED = "resume_shipped"
    RESUME_RECEIVED = "resume_received"


class IllegalTransition(Exception):  # noqa: N818 - says what it is
    """The event can't happen in this state."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"an order that is {state} can't {event}")
        self.state = state
        self.event = event


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.PENDING, Event.PAY): State.PAID,
    (State.PENDING, Event.CANCEL): State.CANCELLED,
    (State.PAID, Event.SHIP): State.SHIPPED,
    (State.SHIPPED, Event.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Event.COMPLETE): State.COMPLETED,
    (State.PAID, Event.ASK_REFUND): State.REFUNDING,
    (State.SHIPPED, Event.ASK_REFUND): State.REFUNDING,
    (State.RECEIVED, Event.ASK_REFUND): State.REFUNDING,
    # Further parts may be asked for while one is on its way.
    (State.REFUNDING, Event.ASK_REFUND): State.REFUNDING,
    (State.REFUNDING, Event.REFUND_ALL): State.REFUNDED,
    (State.REFUNDING, Event.RESUME_PAID): State.PAID,
    (State.REFUNDING, Event.RESUME_SHIPPED): State.SHIPPED,
    (State.REFUNDING, Event.RESUME_RECEIVED): State.RECEIVED,
}
FINAL = frozenset({State.COMPLETED, State.CANCELLED, State.REFUNDED})
PAID_FOR = frozenset(State) - {State.PENDING, State.CANCELLED}


def next_state(state: State, event: Event) -> State:
    """Where the event leads. Raises IllegalTransition when it can't happen in this state."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state, event) from None


def allowed(state: State, event: Event) -> bool:
    """Whether the event can happen in this state."""
    return (state, event) in TRANSITIONS


def resuming(*, shipped: bool, received: bool) -> Event:
    """The event that takes an order back to where its refund began."""
    if received:
        return Event.RESUME_RECEIVED
    return Event.RESUME_SHIPPED if shipped else Event.RESUME_PAID
