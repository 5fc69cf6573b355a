"""Sending parcels off, WeChat learning of it, and customers following them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import ApiError
from logistics import jobs, selectors, services
from logistics.messages import upload
from logistics.models import Shipment
from logistics.selectors import Parcel
from orders.models import OrderEvent
from outbox.models import OutboxMessage
from tests.shop.orders.counter import Buyer, at_once, buyer, sku
from tests.shop.people import log_in, work
from tests.shop.sandbox import Wechat


@pytest.fixture
def someone(wechat: Wechat) -> Buyer:
    return buyer(wechat.openid("小明"))


def paid(someone: Buyer, wechat: Wechat) -> str:
    number = someone.ordered((sku(name="手机壳 透明"), 2), (sku(name="贴膜"), 1))
    wechat.pay(someone.pay_parameters(number))
    assert someone.post(f"/orders/{number}/sync").json()["state"] == "paid"
    return number


def ship(number: str, carrier: str = "SF", tracking_number: str = "SF1234567890") -> Shipment:
    return services.ship(number=number, carrier=carrier, tracking_number=tracking_number, by="staff:1")


def refusal(act: Any, *arguments: Any, **named: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as refused:
        act(*arguments, **named)
    return refused.value.status, refused.value.code


def tracking(someone: Buyer, number: str) -> Any:
    return someone.client.get(f"/api/v1/orders/{number}/tracking")


def waiting() -> int:
    return OutboxMessage.objects.filter(topic=services.UPLOAD, sent_at=None).count()


def test_a_shipped_order_is_known_to_wechat_and_can_be_followed(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    assert tracking(someone, number).json()["error"]["code"] == "not_shipped"
    ship(number)
    order = someone.see(number)
    assert order["state"] == "shipped"
    assert order["shipment"] == {"carrier": "顺丰速运", "tracking_number": "SF1234567890"}
    assert wechat.ledger()["shipments"] == []
    assert services.UPLOAD in work()
    (told,) = wechat.ledger()["shipments"]
    (parcel,) = told["body"]["shipping_list"]
    assert parcel == {
        "tracking_no": "SF1234567890",
        "express_company": "SF",
        "item_desc": "手机壳 透明×2、贴膜×1",
        "contact": {"receiver_contact": "138****8000"},
    }
    shipment = Shipment.objects.get()
    assert (shipment.upload, shipment.uploads, shipment.upload_due_at) == ("accepted", 1, None)
    assert shipment.uploaded_at is not None
    seen = tracking(someone, number).json()
    assert (seen["carrier"], seen["tracking_number"]) == ("顺丰速运", "SF1234567890")
    assert [event["text"] for event in seen["events"]] == ["商家已发货，顺丰速运 SF1234567890"]


def test_saying_it_again_changes_nothing(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    at_once(4, lambda _: ship(number))
    ship(number)
    assert (Shipment.objects.count(), waiting()) == (1, 1)
    assert OrderEvent.objects.filter(event="ship").count() == 1
    work()
    # The queue delivers at least once.
    upload({"number": number})
    assert len(wechat.ledger()["shipments"]) == 1
    assert Shipment.objects.get().uploads == 1


def test_what_is_not_paid_is_not_shipped(someone: Buyer) -> None:
    number = someone.ordered((sku(), 1))
    assert refusal(ship, number) == (409, "order_state")
    assert refusal(ship, "nothing")[0] == 404
    assert (Shipment.objects.count(), waiting()) == (0, 0)
    assert someone.see(number)["state"] == "pending"


@pytest.mark.parametrize(
    ("carrier", "tracking_number", "field"),
    [
        ("顺丰", "SF1", "carrier"),
        ("", "SF1", "carrier"),
        ("SF", "", "tracking_number"),
        ("SF", "1 2 3 4", "tracking_number"),
    ],
)
def test_what_no_carrier_would_take_is_refused(carrier: str, tracking_number: str, field: str) -> None:
    with pytest.raises(ApiError) as refused:
        ship("A1", carrier, tracking_number)
    assert (refused.value.status, refused.value.field) == (400, field)


def test_a_parcel_is_corrected_once_after_wechat_knows_it(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    assert refusal(ship, number, "ZTO", "ZTO987654") == (409, "upload_pending")
    work()
    ship(number, "ZTO", "ZTO987654")
    work()
    (told,) = wechat.ledger()["shipments"]
    assert told["body"]["shipping_list"][0]["tracking_no"] == "ZTO987654"
    assert Shipment.objects.get().uploads == 2
    assert someone.see(number)["shipment"]["tracking_number"] == "ZTO987654"
    assert refusal(ship, number, "YTO", "YTO11111") == (409, "reship_used")
    assert [event["text"] for event in tracking(someone, number).json()["events"]] == [
        "商家已发货，中通快递 ZTO987654",
        "商家已发货，顺丰速运 SF1234567890",
    ]


def test_an_upload_whose_answer_was_lost_is_done_when_it_is_repeated(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    for carrier, tracking_number in (("SF", "SF1234567890"), ("ZTO", "ZTO987654")):
        ship(number, carrier, tracking_number)
        upload({"number": number})
        # As if the worker had been killed before it wrote that down.
        Shipment.objects.update(upload="pending")
        work()
        assert Shipment.objects.get().upload == "accepted"
        Shipment.objects.update(uploads=1)


def test_while_wechat_is_away_the_message_stays(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    wechat.weather(down=True)
    assert refusal(upload, {"number": number}) == (503, "wechat_unavailable")
    assert Shipment.objects.get().upload == "pending"
    wechat.weather()
    upload({"number": number})
    assert Shipment.objects.get().upload == "accepted"


def test_what_wechat_refuses_is_left_to_people(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    wechat.reset()
    work()
    shipment = Shipment.objects.get()
    assert (shipment.upload, shipment.uploads, shipment.upload_due_at) == ("refused", 0, None)
    assert "10060001" in shipment.upload_error
    services.upload_again(number=number)
    services.upload_again(number=number)
    assert (Shipment.objects.get().upload, waiting()) == ("pending", 1)
    assert refusal(services.upload_again, number="nothing") == (404, "not_shipped")


def test_what_the_queue_gave_up_is_taken_up_again(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    OutboxMessage.objects.all().delete()
    jobs.remind()
    assert waiting() == 0
    Shipment.objects.update(upload_due_at=timezone.now())
    jobs.remind()
    jobs.remind()
    assert waiting() == 1
    work()
    assert Shipment.objects.get().upload == "accepted"
    jobs.remind()
    assert waiting() == 0


def test_what_happens_to_a_parcel_is_told_once_and_newest_first(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    known = [services.track(number=number, at=at, text="已揽收") for _ in range(2)]
    assert known == [True, False]
    services.track(number=number, at=at + timedelta(hours=1), text="派送中")
    events = tracking(someone, number).json()["events"]
    assert [event["text"] for event in events] == ["派送中", "已揽收", "商家已发货，顺丰速运 SF1234567890"]
    assert datetime.fromisoformat(events[1]["at"]) == at
    assert refusal(services.track, number="nothing", at=at, text="x") == (404, "not_shipped")


def test_somebody_elses_parcel_does_not_exist(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    stranger = log_in().client
    for client, name in ((stranger, number), (someone.client, "nothing"), (someone.client, "x" * 500)):
        assert client.get(f"/api/v1/orders/{name}/tracking").status_code == 404
    assert Client().get(f"/api/v1/orders/{number}/tracking").status_code == 401


def test_parcels_of_many_orders_take_one_query(someone: Buyer, wechat: Wechat) -> None:
    number = paid(someone, wechat)
    ship(number)
    with CaptureQueriesContext(connection) as queries:
        found = selectors.shipments(numbers=[number, "nothing"])
    assert found == {number: Parcel("顺丰速运", "SF1234567890")}
    assert len(queries) == 1
