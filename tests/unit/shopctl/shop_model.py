"""A shop and a WeChat in memory: they keep every promise, but for those that a test has them break."""

import itertools
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shopctl.drivers.http_session import NoAnswerError, Reply
from shopctl.shopper.calls import Server

PRICE, FREIGHT = 1999, 800


class Model:
    """The state of both. `lose_answers(path)` says whether an answer gets lost on its way after the work was done."""

    def __init__(self, stock: int = 1000) -> None:
        self.lock = threading.RLock()
        self.skus = dict.fromkeys(range(1, 6), stock)
        self.flash_left = 3
        self.persons: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.carts: dict[str, dict[int, int]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.owners: dict[str, str] = {}
        self.keys: dict[tuple[str, str], str] = {}
        self.payments: dict[str, dict[str, Any]] = {}
        self.refunds: list[dict[str, Any]] = []
        self.reviews: list[dict[str, Any]] = []
        self.messages: dict[str, list[str]] = {}
        self.lose_answers: Callable[[str, str], bool] = lambda method, path: False
        self.down = False
        self.weather: list[dict[str, Any]] = []
        self.seen: list[tuple[str, str]] = []
        self._numbers = itertools.count(1)

    def lines(self) -> dict[Server, "Wire"]:
        """Connections for one shopper."""
        return {"shop": Wire(self, "shop"), "sandbox": Wire(self, "sandbox")}

    def pay(self, number: str) -> None:
        """The person has paid; the shop learns of it when it asks."""
        total = self.orders[number]["total_fen"]
        row = {"out_trade_no": number, "total": total, "state": "SUCCESS", "paid_at": "2099-01-01T00:00:00Z"}
        self.payments[number] = row

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Reply:
        """What the shop says."""
        parts = urlsplit(path.removeprefix("/api/v1"))
        words, query = parts.path.strip("/").split("/"), parse_qs(parts.query)
        owner = headers.get("Authorization", "").removeprefix("Bearer ") or headers.get("X-Guest-Token", "")
        self.seen.append((method, parts.path))
        match (method, *words):
            case ("GET", "home"):
                return Reply(200, {})
            case ("GET", "client"):
                return Reply(200, {"app_id": "wx", "bridge_url": "https://wechat.test"})
            case ("GET", "categories"):
                return Reply(200, {"items": [{"slug": "phone", "name": "手机配件", "children": []}]})
            case ("GET", "products") | ("GET", "search"):
                return Reply(200, {"items": [self._card(sku) for sku in self.skus], "total": len(self.skus)})
            case (
                ("GET", "search", "suggestions") | ("GET", "recommendations") | ("GET", "recommendations", _)
            ):
                return Reply(200, {"items": []})
            case ("GET", "products", sku):
                return Reply(200, {**self._card(int(sku)), "skus": [self._sku(int(sku))]})
            case ("GET", "reviews"):
                found = [r for r in self.reviews if r["product_id"] == int(query["product_id"][0])]
                return Reply(200, {"items": found, "total": len(found)})
            case ("GET", "flash-sales"):
                sale = {"id": 9, "sku_id": 99, "left": self.flash_left, "per_user": 5}
                return Reply(200, {"items": [{**sale, "starts_at": "2026-01-01T00:00:00Z"}]})
            case ("POST", "auth", "wechat"):
                return self._login(body["code"], headers.get("X-Guest-Token", ""))
            case ("POST", "cart", "items"):
                cart = self.carts.setdefault(owner, {})
                cart[body["sku_id"]] = cart.get(body["sku_id"], 0) + body["quantity"]
                return Reply(201, self._cart(owner))
            case ("PUT", "cart", "items", sku):
                self.carts.setdefault(owner, {})[int(sku)] = body["quantity"]
                return Reply(200, self._cart(owner))
            case ("GET", "cart"):
                return Reply(200, self._cart(owner))
            case _ if not owner.startswith("token-"):
                return Reply(401, {"error": {"code": "login_required", "message": ""}})
            case _:
                return self._user(owner, method, words, query, headers, body)

    def _user(
        self,
        owner: str,
        method: str,
        words: list[str],
        query: Mapping[str, list[str]],
        headers: Mapping[str, str],
        body: Mapping[str, Any],
    ) -> Reply:
        match (method, *words):
            case ("GET", "me") | ("POST", "auth", "logout"):
                return Reply(200, {})
            case ("GET", "me", "addresses"):
                return Reply(200, {"items": []})
            case ("POST", "me", "addresses"):
                return Reply(201, {"id": 1})
            case ("GET", "coupons"):
                return Reply(200, {"claimable": [], "mine": []})
            case ("POST", "checkout"):
                return Reply(200, {**self._cart(owner), "goods_fen": 1})
            case ("POST", "orders"):
                items = {i["sku_id"]: i["quantity"] for i in body["items"]} if "items" in body else None
                return self._order(owner, headers["Idempotency-Key"], items or self.carts.pop(owner, {}))
            case ("POST", "flash-sales", "9", "orders"):
                return self._order(owner, headers["Idempotency-Key"], {99: 1})
            case ("GET", "orders"):
                wanted = query.get("state", [""])[0]
                mine = [o for n, o in self.orders.items() if self.owners[n] == owner]
                mine = [dict(o) for o in mine if wanted in ("", o["state"])]
                return Reply(200, {"items": mine, "total": len(mine)})
            case ("GET", "conversation"):
                return Reply(200, {})
            case ("POST", "conversation", "messages"):
                self.messages.setdefault(owner, []).append(body["text"])
                return Reply(201, {})
            case ("GET", "conversation", "messages"):
                told = list(enumerate(self.messages.get(owner, []), 1))
                after = int(query.get("after", ["0"])[0])
                return Reply(200, {"items": [{"id": n, "text": text} for n, text in told if n > after]})
            case ("POST", "reviews"):
                self.reviews.append({"product_id": body["sku_id"], "text": body["text"]})
                return Reply(201, {})
            case ("GET", "orders", number):
                return self._about(number)
            case ("POST", "orders", number, what):
                return self._change(owner, number, what, headers.get("Idempotency-Key", ""), body)
            case _:
                return Reply(404, {"error": {"code": "not_found", "message": ""}})

    def _change(self, owner: str, number: str, what: str, key: str, body: Mapping[str, Any]) -> Reply:
        order = self.orders[number]
        if key and (owner, key) in self.keys:
            return Reply(200, dict(order))
        match what, order["state"]:
            case "pay", "pending":
                return Reply(200, {"package": f"prepay_id={number}"})
            case "sync", _:
                return self._about(number)
            case "cancel", "pending" if number not in self.payments:
                order["state"] = "cancelled"
                self._stock(order, 1)
            case "cancel", "pending":
                # Asked, WeChat says that it is paid: too late.
                order["state"] = "paid"
                return Reply(409, {"error": {"code": "wrong_state", "message": ""}})
            case "receive", "shipped":
                order["state"] = "received"
            case "refunds", "paid" | "refunding":
                amount = body.get("amount_fen") or order["total_fen"]
                order["refunded_fen"] += amount
                self.keys[owner, key] = number
                whole = order["refunded_fen"] == order["total_fen"]
                self.refunds.append({"out_trade_no": number, "status": "SUCCESS", "amount": amount})
                self.payments[number]["state"] = "REFUND"
                order["state"] = "refunded" if whole else "paid"
                self._stock(order, 1 if whole else 0)
            case _:
                return Reply(409, {"error": {"code": "wrong_state", "message": ""}})
        return Reply(200, dict(order))

    def _about(self, number: str) -> Reply:
        order = self.orders[number]
        if order["state"] == "pending" and number in self.payments:
            order["state"] = "paid"
        return Reply(200, dict(order))

    def _order(self, owner: str, key: str, items: dict[int, int]) -> Reply:
        if known := self.keys.get((owner, key)):
            return Reply(200, dict(self.orders[known]))
        if not items:
            return Reply(409, {"error": {"code": "cart_empty", "message": ""}})
        if any(self._left(sku) < quantity for sku, quantity in items.items()):
            return Reply(409, {"error": {"code": "out_of_stock", "message": ""}})
        goods = sum(PRICE * quantity for quantity in items.values())
        number = f"N{next(self._numbers):05}"
        order = {
            "number": number,
            "state": "pending",
            "items": [{"sku_id": sku, "quantity": quantity} for sku, quantity in items.items()],
            "goods_fen": goods,
            "freight_fen": FREIGHT,
            "discount_fen": 0,
            "total_fen": goods + FREIGHT,
            "refunded_fen": 0,
            "shipped_at": None,
        }
        self.orders[number], self.owners[number], self.keys[owner, key] = order, owner, number
        self._stock(order, -1)
        return Reply(201, dict(order))

    def _left(self, sku: int) -> int:
        return self.flash_left if sku == 99 else self.skus[sku]

    def _stock(self, order: Mapping[str, Any], sign: int) -> None:
        for item in order["items"]:
            if item["sku_id"] == 99:
                self.flash_left += sign * item["quantity"]
            else:
                self.skus[item["sku_id"]] += sign * item["quantity"]

    def _login(self, code: str, guest: str) -> Reply:
        token = f"token-{self.codes.pop(code)}"
        if guest in self.carts:
            self.carts.setdefault(token, {}).update(self.carts.pop(guest))
        return Reply(200, {"token": token})

    def _cart(self, owner: str) -> dict[str, Any]:
        items = [
            {"sku_id": sku, "quantity": n, "available": self.skus[sku] >= n, "stock": self.skus[sku]}
            for sku, n in self.carts.get(owner, {}).items()
        ]
        return {"items": items}

    def _card(self, sku: int) -> dict[str, Any]:
        return {"id": sku, "name": "透明手机壳", "in_stock": self.skus[sku] > 0}

    def _sku(self, sku: int) -> dict[str, Any]:
        return {"id": sku, "price_fen": PRICE, "stock": self.skus[sku]}

    def wechat(self, method: str, path: str, body: Mapping[str, Any]) -> Reply:
        """What the sandbox says."""
        match method, urlsplit(path).path:
            case "POST", "/sandbox/login":
                code = f"code-{next(self._numbers)}"
                self.codes[code] = body["person"].replace(" ", "-")
                return Reply(200, {"code": code})
            case "POST", "/sandbox/pay":
                number = body["parameters"]["package"].removeprefix("prepay_id=")
                if number in self.payments:
                    return Reply(409, {"code": "ORDERPAID", "message": ""})
                if body["outcome"] == "success":
                    self.pay(number)
                return Reply(200, {})
            case "GET", "/sandbox/ledger":
                return Reply(200, {"payments": list(self.payments.values()), "refunds": list(self.refunds)})
            case "PUT", "/sandbox/weather":
                self.weather.append(dict(body))
                return Reply(200, {})
            case "DELETE", "/sandbox/weather":
                self.weather.append({})
                return Reply(200, {})
            case _:
                return Reply(200, {})


class Wire:
    """A connection to one of the two."""

    def __init__(self, model: Model, server: Server) -> None:
        self._model, self._server = model, server

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
    ) -> Reply:
        model = self._model
        with model.lock:
            if model.down and self._server == "shop":
                raise NoAnswerError("refused", "the shop is down", "test")
            if self._server == "shop":
                reply = model.answer(method, path, headers, body or {})
            else:
                reply = model.wechat(method, path, body or {})
            if model.lose_answers(method, path):
                raise NoAnswerError("timeout", "no answer", "test")
            return reply

    def close(self) -> None:
        """Nothing to hang up."""
