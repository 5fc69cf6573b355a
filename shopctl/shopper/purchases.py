"""Parts of journeys: ordering, paying, and what comes after."""

from __future__ import annotations

from typing import Any

from shopctl.shopper import visits
from shopctl.shopper.calls import ALREADY_PAID, Answer, Asking, TroubleError, at_wechat, get, post
from shopctl.shopper.people import Shopper

# Sold out since the cart was looked at, a coupon that has just been used, an order that is somewhere else by now.
CONFLICT = frozenset({404, 409, 422})
PAID = frozenset({"paid", "shipped", "received", "completed"})
POLLS, POLL_SECONDS = 40, 0.5


def order(shopper: Shopper) -> Asking[dict[str, Any] | None]:
    """Fill the cart, as a guest or not, and order what is in it. None: the shop refused with good reason."""
    there = yield from visits.fill_cart(shopper, shopper.random.choice((1, 1, 2)))
    if not there:
        return None
    if shopper.token is None:
        yield from visits.log_in(shopper)
    address_id = yield from visits.address(shopper)
    asked: dict[str, Any] = {"address_id": address_id}
    priced = yield post("checkout", "/checkout", asked, may=CONFLICT)
    if not priced.good:
        return None
    if shopper.chance(0.4):
        coupon_id = yield from visits.coupon(shopper, int(priced["goods_fen"]))
        if coupon_id is not None:
            asked["user_coupon_id"] = coupon_id
    return (yield from place(shopper, "/orders", asked, "order"))


def flash_order(shopper: Shopper) -> Asking[dict[str, Any] | None]:
    """One piece of a flash sale. None: it was sold out, or this shopper has had its share."""
    if shopper.token is None:
        yield from visits.log_in(shopper)
    address_id = yield from visits.address(shopper)
    running = (yield get("flash sales", "/flash-sales"))["items"]
    known = {sale.id for sale in shopper.assortment.flash_sales}
    open_ones = [sale for sale in running if sale["id"] in known and sale["left"] > 0]
    if not open_ones:
        return None
    sale = shopper.random.choice(open_ones)
    asked = {"quantity": 1, "address_id": address_id}
    return (yield from place(shopper, f"/flash-sales/{sale['id']}/orders", asked, "flash order"))


def place(shopper: Shopper, path: str, asked: dict[str, Any], step: str) -> Asking[dict[str, Any] | None]:
    """Send an order. It has a key of its own, under which it is sent again when no answer comes."""
    placed = yield post(step, path, asked, key=shopper.secret(), may=CONFLICT, record="order")
    return dict(placed.body) if placed.good else None


def pay(
    shopper: Shopper, placed: dict[str, Any], *, outcome: str = "success"
) -> Asking[dict[str, Any] | None]:
    """Pay as the mini-program does: ask the shop, do it in WeChat, wait until the shop knows. None: not paid."""
    number = placed["number"]
    asked = yield post("pay", f"/orders/{number}/pay", may=CONFLICT)
    if not asked.good:
        return None
    # All of what the shop signed: WeChat refuses it when the signature is wrong.
    body = {"parameters": asked.body, "person": shopper.person, "outcome": outcome}
    # Somebody who cancels pays nothing: the ledger is of what was done.
    record: Any = "payment" if outcome == "success" else None
    done = yield at_wechat("wechat pay", "/pay", body, record=record, about=number, may=CONFLICT)
    if not (done.good or done.code == ALREADY_PAID) or outcome != "success":
        return None
    return (yield from wait_until_paid(shopper, number))


def wait_until_paid(shopper: Shopper, number: str) -> Asking[dict[str, Any]]:
    """Half of the shoppers have the shop ask WeChat at once, the others wait for WeChat's word to arrive."""
    patient = shopper.chance(0.5)
    for _ in range(POLLS if patient else 0):
        seen = yield get("order seen", f"/orders/{number}", wait=POLL_SECONDS, record="paid", about=number)
        if seen["state"] in PAID:
            return dict(seen.body)
    for _ in range(POLLS):
        seen = yield post("sync", f"/orders/{number}/sync", record="paid", about=number, wait=0.1)
        if seen["state"] in PAID:
            return dict(seen.body)
        yield get("order seen", f"/orders/{number}", wait=POLL_SECONDS)
    raise TroubleError("not_paid", f"{number} was paid, and the shop doesn't say so")


def cancel(number: str) -> Asking[Answer]:
    """Give an order up before it is paid."""
    return (yield post("cancel", f"/orders/{number}/cancel", record="cancel", about=number, may=CONFLICT))


def refund(shopper: Shopper, paid: dict[str, Any]) -> Asking[None]:
    """Ask for all the money back, or for a part of it, and wait until WeChat has given it."""
    number, body = paid["number"], {"reason": "不想要了"}
    if shopper.chance(0.3) and paid["total_fen"] > 1:
        body["amount_fen"] = max(1, paid["total_fen"] // 2)
    path = f"/orders/{number}/refunds"
    asked = yield post(
        "refund", path, body, key=shopper.secret(), record="refund", about=number, may=CONFLICT
    )
    for _ in range(POLLS if asked.good else 0):
        seen = yield get("order seen", f"/orders/{number}", wait=POLL_SECONDS)
        if seen["state"] != "refunding":
            return


def receive(number: str) -> Asking[bool]:
    """Say that the parcel came, when it was sent; whether it was."""
    seen = yield get("order seen", f"/orders/{number}")
    if seen["state"] != "shipped":
        return False
    yield get("tracking", f"/orders/{number}/tracking", may=CONFLICT)
    done = yield post("receive", f"/orders/{number}/receive", record="receive", about=number, may=CONFLICT)
    return done.good


def review(shopper: Shopper, bought: dict[str, Any]) -> Asking[None]:
    """Write about one of the things bought. The text is like no other, so that it can be found again."""
    item = shopper.random.choice(bought["items"])
    text = f"很好用，发货也快。{shopper.secret()[:12]}"
    body = {
        "order_number": bought["number"],
        "sku_id": item["sku_id"],
        "rating": shopper.random.randint(3, 5),
    }
    yield post(
        "review",
        "/reviews",
        {**body, "text": text, "image_keys": []},
        record="review",
        about=text,
        may=CONFLICT | {403},
    )


def give_up_unpaid(shopper: Shopper) -> Asking[None]:
    """Cancel what was ordered and never paid, as a load ends: what it leaves in stock is the same as it says."""
    pending = (yield get("orders", "/orders?state=pending&page=1&page_size=50"))["items"]
    for one in pending:
        yield from cancel(one["number"])
