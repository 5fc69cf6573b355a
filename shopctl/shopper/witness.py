"""Questions to the shop and to WeChat after a load: the evidence for the checker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from shopctl.shopper import survey
from shopctl.shopper.calls import PREFIX, Server
from shopctl.shopper.evidence import Evidence, Payment, Refund
from shopctl.shopper.history import History, Order
from shopctl.shopper.people import Shopper
from shopctl.shopper.phone import Line
from shopctl.shopper.target import ask, read

PAGE = 50
CLOCKS_SECONDS = 300


def gather(lines: Mapping[Server, Line], shoppers: Iterable[Shopper], history: History) -> Evidence:
    """Everything there is; the shoppers are logged in. Raises ShopctlError when somebody doesn't answer."""
    shop, known = lines["shop"], {shopper.name: shopper for shopper in shoppers}
    wrote = {one.shopper for one in history.of("message")}
    orders: dict[str, tuple[Order, ...]] = {}
    texts: set[str] = set()
    for name, shopper in known.items():
        headers = shopper.headers(guest=False)
        orders[name] = tuple(Order.of(body) for body in _pages(shop, "/orders?", headers))
        if name in wrote:
            texts |= set(_messages(shop, headers))
    texts |= _reviews(shop, history)
    # Clocks may differ by some seconds; a payment of ours that is left out would be a finding.
    since = max(0, int(history.began) - CLOCKS_SECONDS)
    kept = ask(lines["sandbox"], "GET", f"/sandbox/ledger?since={since}")
    return Evidence(
        orders=orders,
        payments=tuple(_payment(row) for row in kept["payments"]),
        refunds=tuple(_refund(row) for row in kept["refunds"]),
        stock=survey.count_again(shop, history.stock, survey.guest_of(history.load)),
        texts=frozenset(texts),
    )


def log_in(lines: Mapping[Server, Line], shopper: Shopper) -> None:
    """Make sure that the shopper is logged in; a session may have gone with what a restored database never knew."""
    if shopper.token:
        reply = lines["shop"].request("GET", f"{PREFIX}/me", headers=shopper.headers(guest=False))
        if reply.status == 200:
            return
    code = ask(lines["sandbox"], "POST", "/sandbox/login", body={"person": shopper.person})["code"]
    shopper.token = ask(lines["shop"], "POST", f"{PREFIX}/auth/wechat", body={"code": code})["token"]


def _pages(shop: Line, path: str, headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    number, seen = 1, 0
    while True:
        page = read(shop, f"{path}page={number}&page_size={PAGE}", headers=headers)
        yield from page["items"]
        seen += len(page["items"])
        if seen >= page["total"] or not page["items"]:
            return
        number += 1


def _messages(shop: Line, headers: Mapping[str, str]) -> Iterator[str]:
    after = 0
    while True:
        items = read(shop, f"/conversation/messages?after={after}", headers=headers)["items"]
        if not items:
            return
        yield from (str(item["text"]) for item in items)
        after = max(int(item["id"]) for item in items)


def _reviews(shop: Line, history: History) -> set[str]:
    """Of the products that were written about, as anybody sees them."""
    products = {history.stock.products.get(one.sku or 0) for one in history.of("review")} - {None}
    pages = (_pages(shop, f"/reviews?product_id={product}&", {}) for product in products)
    return {str(item["text"]) for page in pages for item in page}


def _payment(row: Mapping[str, Any]) -> Payment:
    at = row.get("paid_at")
    return Payment(
        str(row["out_trade_no"]), str(row["state"]), int(row["total"]), _seconds(at) if at else 0.0
    )


def _refund(row: Mapping[str, Any]) -> Refund:
    return Refund(str(row["out_trade_no"]), str(row["status"]), int(row["amount"]))


def _seconds(at: str | float) -> float:
    return float(at) if isinstance(at, int | float) else datetime.fromisoformat(at).timestamp()
