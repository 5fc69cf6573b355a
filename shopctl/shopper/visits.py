"""Parts of journeys: looking around, the cart, logging in, an address."""

from __future__ import annotations

from urllib.parse import quote

from shopctl.shopper.calls import Answer, Asking, TroubleError, at_wechat, delete, get, post, put
from shopctl.shopper.people import Shopper, Sku

_STREETS = ("科技路", "人民路", "中山路", "解放路", "海滨大道")
_PLACES = (("广东省", "深圳市", "南山区"), ("上海市", "上海市", "浦东新区"), ("四川省", "成都市", "武侯区"))
GONE = frozenset({404, 409})
BUSY = frozenset({429, 502, 503, 504})
LOGIN_PAUSES = (0.0, 0.2, 0.5, 1.0, *[2.0] * 10)
"""Before each attempt to log in: a shop that restarts is back within these seconds."""


def log_in(shopper: Shopper) -> Asking[None]:
    """By WeChat. A code works once, so that a login without an answer needs a new one."""
    answer = Answer(0)
    for pause in LOGIN_PAUSES:
        who = {"person": shopper.person}
        code = (yield at_wechat("wechat login", "/login", who, wait=pause))["code"]
        answer = yield post("login", "/auth/wechat", {"code": code}, repeat=False, may=BUSY, guest=True)
        if answer.good:
            shopper.token = str(answer["token"])
            # The guest's cart is the user's now: the phone begins a new one when it is logged out.
            shopper.guest = shopper.secret()
            return
    raise TroubleError(answer.code, f"{len(LOGIN_PAUSES)} logins in a row failed: {answer.status}")


def log_out(shopper: Shopper) -> Asking[None]:
    """Leave; the next journey begins as a guest."""
    yield post("logout", "/auth/logout")
    shopper.token = None


def look_around(shopper: Shopper) -> Asking[None]:
    """Home, categories, a page of one of them."""
    yield get("home", "/home")
    categories = shopper.assortment.categories
    if categories:
        yield get("categories", "/categories")
        slug = shopper.random.choice(categories)
        sort = shopper.random.choice(("default", "price", "-price", "sales", "newest"))
        yield get("product list", f"/products?category={quote(slug)}&sort={sort}&page=1")


def search(shopper: Shopper) -> Asking[None]:
    """A word, its suggestions, and what is found."""
    if not shopper.assortment.words:
        return
    word = shopper.random.choice(shopper.assortment.words)
    yield get("suggestions", f"/search/suggestions?q={quote(word[:1])}")
    yield get("search", f"/search?q={quote(word)}&page=1")


def product(shopper: Shopper) -> Asking[Sku | None]:
    """The page of something that can be bought; None when it has just gone off the shelf."""
    sku = shopper.random.choice(shopper.assortment.skus)
    answer = yield get("product", f"/products/{sku.product_id}", may=GONE)
    if shopper.chance(0.3):
        yield get("reviews", f"/reviews?product_id={sku.product_id}&page=1")
    if shopper.chance(0.2):
        yield get("bought together", f"/recommendations/{sku.product_id}", may=GONE)
    return sku if answer.good else None


def fill_cart(shopper: Shopper, pieces: int) -> Asking[bool]:
    """Put something in and look at it; whether there is anything in it that can be ordered."""
    for _ in range(pieces):
        sku = yield from product(shopper)
        if sku is None:
            continue
        body = {"sku_id": sku.id, "quantity": shopper.random.choice((1, 1, 1, 2))}
        added = yield post("cart add", "/cart/items", body, may=GONE)
        if added.good and shopper.chance(0.2):
            yield put("cart change", f"/cart/items/{sku.id}", {"quantity": 1}, may=GONE)
    cart = yield get("cart", "/cart")
    for item in cart["items"]:
        if not item["available"]:
            yield delete("cart remove", f"/cart/items/{item['sku_id']}", may=GONE)
    return any(item["available"] for item in cart["items"])


def address(shopper: Shopper) -> Asking[int]:
    """The shopper's address, written down at the first order."""
    if shopper.address_id is None:
        known = (yield get("addresses", "/me/addresses"))["items"]
        if known:
            shopper.address_id = int(known[0]["id"])
            return shopper.address_id
        province, city, district = shopper.random.choice(_PLACES)
        street = f"{shopper.random.choice(_STREETS)} {shopper.random.randint(1, 300)} 号"
        where = {"province": province, "city": city, "district": district, "street": street}
        body = {"name": "顾客", "phone": "13800138000", "is_default": True, **where}
        shopper.address_id = int((yield post("address", "/me/addresses", body))["id"])
    return shopper.address_id


def coupon(shopper: Shopper, total_fen: int) -> Asking[int | None]:
    """A coupon of the shopper's that an order of that much may use; claims what there is once."""
    offered = yield get("coupons", "/coupons")
    if not shopper.claimed:
        shopper.claimed = True
        for kind in offered["claimable"][:2]:
            yield post("coupon claim", f"/coupons/{kind['id']}/claim", may=GONE)
        offered = yield get("coupons", "/coupons")
    usable = [
        mine["id"]
        for mine in offered["mine"]
        if mine["state"] == "unused" and mine["coupon"]["threshold_fen"] <= total_fen
    ]
    return int(usable[0]) if usable else None
