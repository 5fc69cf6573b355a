"""Reviews over HTTP: who may write one, what is shown of it, and what the ratings say."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.utils import timezone

from orders.models import Order, OrderLine
from reviews import jobs, ratings, selectors, services, store
from reviews.shelf import Rating
from reviews.store import State
from tests.shop.conftest import Shop, forget_clients
from tests.shop.people import Person, known, log_in, rested, work
from tests.shop.sandbox import Wechat
from uploads.models import Upload

__all__ = ["rested"]
ADDRESS = "/api/v1/reviews"
PRODUCT, SKU = 70, 7


def buy(person: Person, number: str, *, state: str = "received", sku_id: int = SKU) -> str:
    """An order of one line, as far as it is here."""
    now, fen = timezone.now(), 990
    order = Order.objects.create(
        number=number,
        user_id=person.id,
        idempotency_key=number,
        fingerprint="",
        state=state,
        goods_fen=fen,
        freight_fen=0,
        discount_fen=0,
        total_fen=fen,
        address={},
        created_at=now,
        pay_until=now,
    )
    OrderLine.objects.create(
        order=order,
        sku_id=sku_id,
        product_id=PRODUCT,
        name="手机壳",
        attributes={"颜色": "黑"},
        price_fen=fen,
        quantity=1,
    )
    return number


def write(person: Person, number: str, **fields: Any) -> Any:
    """Write a review."""
    body = {"order_number": number, "sku_id": SKU, "rating": 5, "text": "很好用", "image_keys": [], **fields}
    return person.client.post(ADDRESS, json.dumps(body), content_type="application/json")


def shown(client: Client, **query: Any) -> dict[str, Any]:
    """What everybody sees of the product's reviews."""
    answer = client.get(ADDRESS, {"product_id": PRODUCT, **query})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def code(answer: Any) -> tuple[int, str]:
    """How something was refused."""
    return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture
def mongodb_away(shop: Shop, rested: None) -> Iterator[None]:
    """MongoDB doesn't answer."""
    before = settings.SHOP
    settings.SHOP = replace(before, mongodb=replace(before.mongodb, host="127.0.0.1", port=9))
    forget_clients()
    yield
    settings.SHOP = before
    forget_clients()


def test_a_buyer_reviews_what_was_received_and_everybody_sees_it(wechat: Wechat, client: Client) -> None:
    person = known(wechat, nickname="小红")
    answer = write(person, buy(person, "A1"), rating=4)
    assert answer.status_code == 201, answer.content
    assert answer.json()["state"] == "shown"
    found = shown(client)
    assert (found["total"], found["average"]) == (1, 4.0)
    (review,) = found["items"]
    assert (review["rating"], review["text"], review["attributes"]) == (4, "很好用", {"颜色": "黑"})
    assert review["user"] == {"nickname": "小红", "avatar_url": ""}
    assert "A1" not in json.dumps(found), "an order's number is nobody else's business"
    assert selectors.rating([PRODUCT, 71]) == {PRODUCT: Rating(1, 4), 71: Rating()}


@pytest.mark.parametrize("state", ["pending", "paid", "shipped", "cancelled", "refunding", "refunded"])
def test_what_was_not_received_is_not_reviewed(wechat: Wechat, state: str) -> None:
    person = known(wechat)
    assert code(write(person, buy(person, "A1", state=state))) == (404, "not_received")


def test_somebody_elses_order_and_an_unknown_line_do_not_exist(wechat: Wechat, client: Client) -> None:
    buyer, other = known(wechat), known(wechat)
    number = buy(buyer, "A1")
    assert code(write(other, number)) == (404, "not_received")
    assert code(write(buyer, number, sku_id=8)) == (404, "not_received")
    assert code(write(buyer, "A2")) == (404, "not_received")
    assert client.post(ADDRESS, "{}", content_type="application/json").status_code == 401
    assert shown(client)["total"] == 0


def test_a_line_is_reviewed_once_even_by_many_at_once(wechat: Wechat, client: Client) -> None:
    person = known(wechat)
    number = buy(person, "A1", state="completed")

    def attempt(rating: int) -> int:
        try:
            return int(write(person, number, rating=rating).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        codes = sorted(pool.map(attempt, range(1, 6)))
    assert codes == [201, 409, 409, 409, 409]
    assert shown(client)["total"] == 1
    assert code(write(person, number)) == (409, "already_reviewed")


def test_no_review_is_lost_when_many_write_at_once(wechat: Wechat, client: Client) -> None:
    people = [known(wechat) for _ in range(12)]
    numbers = [buy(person, f"A{person.id}") for person in people]

    def attempt(one: tuple[Person, str]) -> int:
        try:
            return int(write(*one, rating=3).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(attempt, zip(people, numbers, strict=True))) == {201}
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating(12, 36)}
    assert len(shown(client, page_size=50)["items"]) == 12


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rating": 0}, "rating"),
        ({"rating": 6}, "rating"),
        ({"rating": True}, "rating"),
        ({"rating": "5"}, "rating"),
        ({"text": "   "}, "text"),
        ({"text": "好" * 501}, "text"),
        ({"text": "a\u0000b"}, "text"),
        ({"sku_id": 2**63}, "sku_id"),
        ({"image_keys": ["k"] * 10}, "image_keys"),
        ({"image_keys": ["not mine"]}, "image_keys"),
        ({"stars": 5}, "stars"),
    ],
)
def test_bad_fields_are_named(wechat: Wechat, fields: dict[str, Any], field: str) -> None:
    person = known(wechat)
    answer = write(person, buy(person, "A1"), **fields)
    assert code(answer) == (400, "invalid")
    assert answer.json()["error"]["field"].startswith(field)


def test_a_risky_text_is_refused_and_may_be_written_anew(wechat: Wechat, client: Client) -> None:
    person = known(wechat)
    number = buy(person, "A1")
    assert code(write(person, number, text="网上赌博")) == (422, "content_refused")
    assert shown(client)["total"] == 0
    assert write(person, number).status_code == 201


def test_who_has_no_openid_is_looked_at_by_the_staff(wechat: Wechat, client: Client) -> None:
    person = log_in("")
    assert write(person, buy(person, "A1")).json()["state"] == "waiting"


def test_a_doubtful_text_waits_for_the_staff(wechat: Wechat, client: Client) -> None:
    person = known(wechat)
    made = write(person, buy(person, "A1"), text="加微信").json()
    assert made["state"] == "waiting"
    assert shown(client)["total"] == 0
    services.publish(review_id=made["id"])
    assert shown(client)["total"] == 1


@pytest.mark.parametrize(("text", "state"), [("很好", "shown"), ("赌博", "refused"), ("加微信", "waiting")])
def test_while_wechat_is_away_a_review_waits_for_its_check(
    wechat: Wechat, client: Client, text: str, state: str
) -> None:
    person = known(wechat)
    wechat.weather(down=True)
    made = write(person, buy(person, "A1"), text=text).json()
    assert made["state"] == "checking"
    assert shown(client)["total"] == 0
    wechat.weather()
    assert services.CHECK in work()
    found = store.find(made["id"])
    assert found
    assert found.state == state
    assert shown(client)["total"] == (state == "shown")


def test_a_late_check_shows_nothing_that_the_staff_has_hidden(wechat: Wechat, client: Client) -> None:
    person = known(wechat)
    wechat.weather(down=True)
    made = write(person, buy(person, "A1")).json()
    wechat.weather()
    services.hide(review_id=made["id"])
    assert services.CHECK in work()
    assert shown(client)["total"] == 0
    found = store.find(made["id"])
    assert found
    assert found.state is State.HIDDEN


def test_the_sweep_finishes_what_a_killed_process_left(
    wechat: Wechat, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = known(wechat)
    monkeypatch.setattr(services, "_move", lambda review_id, state, only_from: store.find(review_id))
    assert write(person, buy(person, "A1")).json()["state"] == "checking"
    monkeypatch.undo()
    jobs.sweep()
    assert work() == [], "it may still be under way"
    store.mongodb.database()["reviews"].update_one(
        {}, {"$set": {"written_at": "2020-01-01T00:00:00.000+00:00"}}
    )
    jobs.sweep()
    work()
    assert shown(client)["total"] == 1


def test_pictures_appear_when_their_check_has_passed(wechat: Wechat, client: Client) -> None:
    person = known(wechat)
    for key, state in (("u/1.jpg", "checking"), ("u/2.jpg", "approved")):
        Upload.objects.create(key=key, user_id=person.id, state=state, created_at=timezone.now())
    write(person, buy(person, "A1"), image_keys=["u/1.jpg", "u/2.jpg", "u/2.jpg"])
    assert shown(client)["items"][0]["images"] == ["https://cdn.test/media/u/2.jpg"]
    Upload.objects.update(state="approved")
    assert len(shown(client)["items"][0]["images"]) == 2


def test_the_shop_replies_and_hides_and_shows_again(wechat: Wechat, client: Client) -> None:
    people = [known(wechat) for _ in range(2)]
    made = [
        write(person, buy(person, f"A{person.id}"), rating=rating).json()["id"]
        for person, rating in zip(people, (1, 5), strict=True)
    ]
    services.reply(review_id=made[0], text="谢谢")
    assert [one["reply"] for one in shown(client)["items"]] == ["", "谢谢"]
    for _ in range(2):
        services.hide(review_id=made[0])
        assert (shown(client)["total"], shown(client)["average"]) == (1, 5.0)
    for _ in range(2):
        services.publish(review_id=made[0])
        assert (shown(client)["total"], shown(client)["average"]) == (2, 3.0)
    assert work().count("catalog.rated") >= 4, "the catalogue is told"


def test_pages_are_the_newest_first_and_need_few_queries(wechat: Wechat, client: Client) -> None:
    for rating in (1, 2, 3, 4, 5):
        person = known(wechat)
        write(person, buy(person, f"A{rating}"), rating=rating)
    ratings_of = [
        [one["rating"] for one in shown(client, page=p, page_size=2)["items"]] for p in (1, 2, 3, 4)
    ]
    assert ratings_of == [[5, 4], [3, 2], [1], []]
    for bad in ({"page": 0}, {"page_size": 51}, {"product_id": 0}, {"product_id": "x"}):
        assert client.get(ADDRESS, {"product_id": PRODUCT, **bad}).status_code == 400


def test_a_page_that_was_read_is_there_without_mongodb(
    wechat: Wechat, client: Client, rested: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = known(wechat)
    write(person, buy(person, "A1"))
    before = shown(client)
    away = settings.SHOP
    monkeypatch.setattr(
        settings, "SHOP", replace(away, mongodb=replace(away.mongodb, host="127.0.0.1", port=9))
    )
    forget_clients()
    assert shown(client) == before
    monkeypatch.undo()
    forget_clients()


def test_without_mongodb_reviews_say_so_and_ratings_are_missing(
    wechat: Wechat, client: Client, mongodb_away: None
) -> None:
    person = known(wechat)
    assert code(client.get(ADDRESS, {"product_id": PRODUCT})) == (503, "reviews_unavailable")
    assert code(write(person, buy(person, "A1"))) == (503, "reviews_unavailable")
    ratings.changed(72, Rating(2, 9))
    assert selectors.rating([PRODUCT, 71, 72]) == {72: Rating(2, 9)}, "what Redis knows is there"
    jobs.sweep()


def test_ratings_are_read_from_redis_and_never_stay_old(wechat: Wechat, rested: None) -> None:
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating()}
    person = known(wechat)
    write(person, buy(person, "A1"), rating=2)
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating(1, 2)}
    store.mongodb.database().drop_collection("shelves")
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating(1, 2)}, "MongoDB is not asked again"
    ratings._keep(PRODUCT, Rating(), only_new=True)
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating(1, 2)}, "a slow reader changes nothing"


def test_without_redis_ratings_come_from_mongodb(
    wechat: Wechat, rested: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = known(wechat)
    write(person, buy(person, "A1"), rating=2)
    before = settings.SHOP
    monkeypatch.setattr(settings, "SHOP", replace(before, redis=replace(before.redis, port=9)))
    forget_clients()
    assert selectors.rating([PRODUCT]) == {PRODUCT: Rating(1, 2)}
    monkeypatch.undo()
    forget_clients()


def test_the_staff_lists_by_state(wechat: Wechat) -> None:
    for number in range(3):
        person = known(wechat)
        write(person, buy(person, f"A{number}"))
    services.hide(review_id=store.listed(state=None, skip=0, limit=1)[0].id)
    assert (store.count(state=None), store.count(state=State.HIDDEN)) == (3, 1)
    assert len(store.listed(state=State.SHOWN, skip=1, limit=5)) == 1
    jobs.indexes()
