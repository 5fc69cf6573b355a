"""The journeys, and how often each is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from shopctl.errors import BadInputError
from shopctl.shopper import purchases, visits
from shopctl.shopper.calls import Journey, at_wechat, get, post
from shopctl.shopper.people import Shopper


def browse(shopper: Shopper) -> Journey:
    """Look around and buy nothing."""
    yield from visits.look_around(shopper)
    for _ in range(shopper.random.randint(1, 3)):
        yield from visits.product(shopper)
    yield get("recommended", "/recommendations")


def find(shopper: Shopper) -> Journey:
    """Search and look at what was found."""
    yield from visits.search(shopper)
    yield from visits.product(shopper)


def buy(shopper: Shopper) -> Journey:
    """From the home page to a paid order."""
    yield from visits.look_around(shopper) if shopper.chance(0.5) else visits.search(shopper)
    placed = yield from purchases.order(shopper)
    if placed is not None:
        yield from purchases.pay(shopper, placed)
    if shopper.chance(0.2) and shopper.token:
        yield from visits.log_out(shopper)


def order(shopper: Shopper) -> Journey:
    """Only an order of one thing, by somebody who knows what: for measuring how long that takes."""
    if shopper.token is None:
        yield from visits.log_in(shopper)
    address_id = yield from visits.address(shopper)
    items = [{"sku_id": shopper.random.choice(shopper.assortment.skus).id, "quantity": 1}]
    yield from purchases.place(shopper, "/orders", {"address_id": address_id, "items": items}, "order")


def hesitate(shopper: Shopper) -> Journey:
    """Order, then think better of it: in WeChat's payment window, or before it."""
    placed = yield from purchases.order(shopper)
    if placed is None:
        return
    if shopper.chance(0.5):
        yield from purchases.pay(shopper, placed, outcome=shopper.random.choice(("cancel", "fail")))
    if shopper.chance(0.3):
        yield from purchases.pay(shopper, placed)
    else:
        yield from purchases.cancel(placed["number"])


def refund(shopper: Shopper) -> Journey:
    """Buy, and want the money back."""
    placed = yield from purchases.order(shopper)
    paid = (yield from purchases.pay(shopper, placed)) if placed else None
    if paid is not None:
        yield from purchases.refund(shopper, paid)


def receive(shopper: Shopper) -> Journey:
    """Look at one's orders; receive what was sent, and write about it."""
    if shopper.token is None:
        yield from visits.log_in(shopper)
    yield get("me", "/me")
    sent = (yield get("orders", "/orders?state=shipped&page=1"))["items"]
    for one in sent[:2]:
        if (yield from purchases.receive(one["number"])):
            yield from purchases.review(shopper, one)


def flash(shopper: Shopper) -> Journey:
    """Be quick at a flash sale."""
    placed = yield from purchases.flash_order(shopper)
    if placed is not None:
        yield from purchases.pay(shopper, placed)


def service(shopper: Shopper) -> Journey:
    """Ask customer service something, in the shop or from WeChat's own window."""
    if shopper.token is None:
        yield from visits.log_in(shopper)
    yield get("conversation", "/conversation")
    text = f"请问什么时候发货？{shopper.secret()[:12]}"
    if shopper.chance(0.2):
        yield at_wechat("wechat message", "/customer-message", {"person": shopper.person, "text": text})
        return
    body = {"kind": "text", "text": text}
    # A message has no key: sent again it would be there twice.
    refusals = frozenset({422, 429})
    yield post(
        "message", "/conversation/messages", body, record="message", about=text, repeat=False, may=refusals
    )
    yield get("messages", "/conversation/messages")


JOURNEYS: dict[str, Callable[[Shopper], Journey]] = {
    "browse": browse,
    "find": find,
    "buy": buy,
    "order": order,
    "hesitate": hesitate,
    "refund": refund,
    "receive": receive,
    "flash": flash,
    "service": service,
}
WEIGHTS: dict[str, int] = {
    "browse": 25,
    "find": 20,
    "buy": 25,
    "hesitate": 6,
    "refund": 8,
    "receive": 8,
    "flash": 4,
    "service": 4,
}
"""How often of a hundred. `order` is for measurements."""
HARMLESS = ("browse", "find")
"""What leaves nothing behind."""


def chosen(names: Sequence[str]) -> dict[str, int]:
    """The weights of the journeys of those names; of all when none is named. Raises BadInputError."""
    unknown = sorted(set(names) - set(JOURNEYS))
    if unknown:
        raise BadInputError(
            f"there is no journey {', '.join(unknown)}", next_step=f"choose of: {', '.join(JOURNEYS)}"
        )
    return {name: WEIGHTS.get(name, 1) for name in names} if names else WEIGHTS


def pick(weights: dict[str, int], random: Random) -> str:
    """One journey, by its weight."""
    return random.choices(list(weights), list(weights.values()))[0]
