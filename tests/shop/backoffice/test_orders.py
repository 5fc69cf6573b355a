"""Orders and refunds in the admin: everything is done by services."""

from typing import Any

import pytest

from backoffice.models import AuditEntry
from logistics.models import Shipment
from orders.models import Order, OrderEvent
from payments.models import Payment, Refund
from tests.shop.backoffice.conftest import Hire, order


def do(client: Any, identifier: int, deed: str, **body: Any) -> str:
    """Send one of an order's forms; what the page says then."""
    answer = client.post(f"/admin/orders/order/{identifier}/{deed}/", body, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def test_the_page_shows_the_order_and_nothing_can_be_typed_over(hire: Hire) -> None:
    client, identifier = hire("manager"), order()
    page = client.get(f"/admin/orders/order/{identifier}/change/").content.decode()
    for text in ("张三", "¥99.00", "手机壳", "42A1"):
        assert text in page
    assert 'name="total_fen"' not in page
    assert client.post(f"/admin/orders/order/{identifier}/change/", {"total_fen": 1}).status_code == 403


def test_the_warehouse_ships(hire: Hire) -> None:
    client, identifier = hire("warehouse"), order()
    assert "已提交" in do(client, identifier, "ship", carrier="ZTO", tracking_number="ZT123456")
    assert Order.objects.get().state == "shipped"
    shipment = Shipment.objects.get()
    assert (shipment.carrier, shipment.tracking_number) == ("ZTO", "ZT123456")
    assert OrderEvent.objects.latest("id").by.startswith("staff:")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id, entry.before["state"]) == ("发货", "A1", "paid")
    assert entry.after["form"] == {"carrier": "ZTO", "tracking_number": "ZT123456"}


@pytest.mark.parametrize(
    ("state", "form"),
    [
        ("pending", {"carrier": "ZTO", "tracking_number": "ZT123456"}),
        ("cancelled", {"carrier": "ZTO", "tracking_number": "ZT123456"}),
        ("paid", {"carrier": "NOBODY", "tracking_number": "ZT123456"}),
        ("paid", {"carrier": "ZTO", "tracking_number": "a b!"}),
        ("paid", {}),
    ],
)
def test_what_can_not_be_shipped_is_not(hire: Hire, state: str, form: dict[str, str]) -> None:
    said = do(hire("warehouse"), order(state=state), "ship", **form)
    assert said
    assert "已提交" not in said
    assert not Shipment.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_refund_is_sent_once_even_if_its_form_is_sent_twice(hire: Hire) -> None:
    client, identifier = hire("finance"), order()
    for _ in range(2):
        assert "已提交" in do(client, identifier, "refund", amount="10.50", reason="破损", key="k1")
    refund = Refund.objects.get()
    assert (refund.amount_fen, refund.state, refund.reason) == (1050, "processing", "破损")
    assert refund.by.startswith("staff:")
    assert "操作失败" in do(client, identifier, "refund", amount="100", reason="太多", key="k2")
    do(client, identifier, "refund", amount="", reason="全部", key="k3")
    assert sum(Refund.objects.values_list("amount_fen", flat=True)) == 9900


def test_finance_decides_what_users_asked_for(hire: Hire) -> None:
    from payments import refunds

    client = hire("finance")
    for number in ("A1", "A2"):
        order(number, state="shipped")
        Order.objects.filter(number=number).update(shipped_at=Payment.objects.first().created_at)
        wish = refunds.Wish(None, "不想要了", "user:7", "k", agreed=False)
        refunds.ask(number=number, wish=wish, user_id=7)
    first, second = Refund.objects.order_by("id")
    for action, refund in (("agree", first), ("refuse", second), ("agree", second)):
        client.post("/admin/payments/refund/", {"action": action, "_selected_action": refund.pk})
    assert list(Refund.objects.order_by("id").values_list("state", flat=True)) == ["processing", "refused"]
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "同意退款",
        "拒绝退款",
    ]
    assert Order.objects.get(number="A2").state == "shipped"


def test_the_warehouse_is_offered_no_decision_about_money(hire: Hire) -> None:
    order()
    client = hire("manager")
    assert "agree" in client.get("/admin/payments/refund/").content.decode() or Refund.objects.count() == 0
    assert hire("warehouse").post("/admin/payments/refund/", {"action": "agree"}).status_code == 403


def test_a_pending_order_is_cancelled(hire: Hire) -> None:
    client, identifier = hire("manager"), order(state="pending")
    assert "已提交" in do(client, identifier, "cancel")
    assert Order.objects.get().state == "cancelled"
    assert OrderEvent.objects.get().by.startswith("staff:")
    assert "操作失败" in do(client, order("A2"), "cancel")


def test_unknown_orders_are_not_found(hire: Hire) -> None:
    client = hire("manager")
    assert client.post("/admin/orders/order/999/ship/", {}).status_code == 404
    assert client.post("/admin/orders/order/x/ship/", {}).status_code in (302, 404)
    assert client.get("/admin/orders/order/x/change/").status_code in (302, 404)
