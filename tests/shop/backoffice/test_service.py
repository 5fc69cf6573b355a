"""Customer service, reviews, users and the dashboard in the admin."""

import json
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from backoffice.models import AuditEntry
from conversations import services as talks
from conversations.models import Conversation, Message
from conversations.services import Words
from core.identity import Customer
from inventory.models import Stock
from reviews import store
from reviews.store import Review, State
from tests.shop.backoffice.conftest import Hire, order
from tests.shop.backoffice.test_pages import jpeg
from tests.shop.conftest import forget_clients
from tests.shop.people import Person, known, log_in, rested, work
from tests.shop.sandbox import Wechat
from uploads.models import Upload

__all__ = ["rested"]


def wrote(person: Person, text: str) -> Conversation:
    """The customer writes in the mini-program."""
    talks.write(customer=Customer(person.id, person.openid), words=Words(text=text))
    return Conversation.objects.get(user_id=person.id)


def test_a_talk_is_read_and_answered(hire: Hire, wechat: Wechat) -> None:
    client, person = hire("service"), known(wechat, nickname="小红")
    talk = wrote(person, "<script>alert(1)</script>")
    listed = client.get("/admin/conversations/conversation/").content.decode()
    assert "<script>alert" not in listed
    page = f"/admin/conversations/conversation/{talk.pk}/change/"
    shown = client.get(page).content.decode()
    assert "小红" in shown
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown
    talk.refresh_from_db()
    assert talk.unread == 0
    assert client.post(page, {"text": "您好"}).status_code == 302
    seen = person.client.get("/api/v1/conversation").json()["items"]
    assert [(one["from"], one["text"]) for one in seen][1:] == [("staff", "您好")]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.staff, entry.after["text"]) == ("回复客服消息", "the-service", "您好")
    assert Message.objects.latest("id").delivery == "waiting"
    work()
    assert "超出回复时限" in client.get(page).content.decode(), "nothing opened WeChat's window"


def test_a_picture_is_an_answer_too(hire: Hire, wechat: Wechat) -> None:
    client, person = hire("service"), known(wechat)
    page = f"/admin/conversations/conversation/{wrote(person, '?').pk}/change/"
    assert client.post(page, {"picture": jpeg()}).status_code == 302
    assert person.client.get("/api/v1/conversation").json()["items"][1]["image_url"].endswith(".jpg")
    for bad in (
        {},
        {"text": " "},
        {"text": "a" * 1001},
        {"text": "a", "picture": jpeg()},
        {"picture": SimpleUploadedFile("a.jpg", b"no picture")},
    ):
        assert client.post(page, bad).status_code == 200, bad
    assert Message.objects.filter(sender="staff").count() == 1
    assert client.get("/admin/conversations/conversation/99999/change/").status_code == 404


def test_unread_talks_come_first(hire: Hire, wechat: Wechat) -> None:
    waiting, answered = known(wechat), known(wechat)
    first, second = wrote(waiting, "waiting"), wrote(answered, "answered")
    talks.read(conversation_id=second.pk, up_to=Message.objects.latest("id").pk)
    page = hire("service").get("/admin/conversations/conversation/").content.decode()
    assert page.index(f"/{first.pk}/change/") < page.index(f"/{second.pk}/change/")


def review(number: int, state: State = State.SHOWN) -> str:
    """A review in MongoDB."""
    made = Review(
        id=f"{number:032x}",
        order_number=f"A{number}",
        product_id=70,
        sku_id=7,
        user_id=1,
        product_name="手机壳",
        attributes={"颜色": "黑"},
        rating=4,
        text="<b>好</b>",
        image_keys=("u/1.jpg",),
        written_at=f"2026-01-01T00:00:{number:02}.000+00:00",
        state=state,
    )
    store.insert(made)
    return made.id


def test_reviews_are_listed_hidden_shown_and_answered(hire: Hire) -> None:
    client, made = hire("service"), review(1, State.WAITING)
    page = client.get("/admin/reviews/?state=waiting").content.decode()
    assert "手机壳" in page
    assert "&lt;b&gt;" in page
    assert "手机壳" not in client.get("/admin/reviews/?state=shown").content.decode()
    for action, state in (("publish", State.SHOWN), ("hide", State.HIDDEN)):
        client.post(f"/admin/reviews/{made}/?state=waiting", {"action": action})
        found = store.find(made)
        assert found
        assert found.state is state
    client.post(f"/admin/reviews/{made}/", {"action": "reply", "text": "谢谢"})
    assert "谢谢" in client.get("/admin/reviews/").content.decode()
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "显示评价",
        "隐藏评价",
        "回复评价",
    ]
    entry = AuditEntry.objects.latest("id")
    assert (entry.before, entry.after) == ({"reply": ""}, {"reply": "谢谢"})


def test_bad_addresses_of_reviews_do_no_harm(hire: Hire) -> None:
    client = hire("service")
    made = review(1)
    for query in ("state=x", "page=0", "page=x", "page=99999999999", "state=%00", "page=3"):
        assert client.get(f"/admin/reviews/?{query}").status_code == 200, query
    assert client.post(f"/admin/reviews/{made}/", {"action": "explode"}).status_code == 302
    assert client.post("/admin/reviews/unknown/", {"action": "hide"}).status_code == 302
    assert client.get(f"/admin/reviews/{made}/").status_code == 404
    away = client.post(f"/admin/reviews/{made}/?state=//evil.test", {"action": "hide"})
    assert away["Location"] == "/admin/reviews/"


def test_many_reviews_have_pages(hire: Hire) -> None:
    for number in range(25):
        review(number)
    client = hire("service")
    assert client.get("/admin/reviews/").content.decode().count('class="module review"') == 20
    assert client.get("/admin/reviews/?page=2").content.decode().count('class="module review"') == 5


def test_users_are_logged_out_blocked_and_let_in_again(hire: Hire) -> None:
    client, person = hire("manager"), log_in()
    assert person.client.get("/api/v1/me").status_code == 200
    for action, status in (("revoke", 401), ("block", 401), ("unblock", 401)):
        client.post("/admin/users/user/", {"action": action, "_selected_action": person.id})
        assert person.client.get("/api/v1/me").status_code == status
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "注销登录",
        "停用",
        "恢复",
    ]
    other = log_in()
    hire("service").post("/admin/users/user/", {"action": "revoke", "_selected_action": other.id})
    assert other.client.get("/api/v1/me").status_code == 200, "not the service's business"


def test_pictures_are_decided(hire: Hire) -> None:
    client = hire("service")
    made = [Upload.objects.create(key=f"u/{n}.jpg", user_id=1, created_at=timezone.now()) for n in (1, 2)]
    client.post("/admin/uploads/upload/", {"action": "approve", "_selected_action": made[0].pk})
    client.post("/admin/uploads/upload/", {"action": "refuse", "_selected_action": made[1].pk})
    assert list(Upload.objects.order_by("key").values_list("state", flat=True)) == ["approved", "refused"]


def tiles(client: object) -> dict[str, str]:
    """The dashboard's numbers."""
    answer = client.get("/admin/")  # type: ignore[attr-defined]
    assert answer.status_code == 200
    return {tile.title: tile.value for tile in answer.context["tiles"]}


def test_the_dashboard_says_what_waits(hire: Hire, wechat: Wechat) -> None:
    order("A1")
    order("A2")
    order("A3", state="pending")
    wrote(known(wechat), "在吗")
    review(1, State.WAITING)
    Stock.objects.create(sku_id=1, available=2)
    found = tiles(hire("manager"))
    expected = {
        "今日销售额": "¥198.00",
        "今日付款订单": "2",
        "待发货": "2",
        "待处理退款": "0",
        "未读会话": "1",
        "待审核评价": "1",
        "库存不足（≤ 5）": "1",
    }
    assert expected.items() <= found.items()
    assert set(tiles(hire("warehouse"))) == {"今日销售额", "今日付款订单", "待发货", "库存不足（≤ 5）"}


def test_without_mongodb_the_rest_of_the_admin_works(
    hire: Hire, rested: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = hire("manager")
    before = settings.SHOP
    away = replace(before, mongodb=replace(before.mongodb, host="127.0.0.1", port=9))
    monkeypatch.setattr(settings, "SHOP", away)
    forget_clients()
    try:
        assert tiles(client)["待审核评价"] == "暂不可用"
        assert "暂不可用" in client.get("/admin/reviews/").content.decode()
        assert client.post("/admin/reviews/0123/", {"action": "hide"}).status_code == 302
    finally:
        monkeypatch.undo()
        forget_clients()
    assert json.dumps(tiles(client)["待审核评价"]) == '"0"'
