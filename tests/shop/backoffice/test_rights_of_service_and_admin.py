"""Uploads, reviews, talks and the admin work with just the rights that their process groups' accounts have."""

import pymysql
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from backoffice import jobs as backoffice_jobs
from backoffice.models import AuditEntry
from conversations.models import Conversation, Message
from reviews import jobs as reviews_jobs
from tests.shop.backoffice.conftest import PASSWORD, Hire, order
from tests.shop.backoffice.test_pages import act, product, product_form
from tests.shop.backoffice.test_roles import PAGES
from tests.shop.conversations.test_talks import says, talk, write
from tests.shop.people import known, work
from tests.shop.reviews.test_reviews import buy
from tests.shop.reviews.test_reviews import shown as reviews_shown
from tests.shop.reviews.test_reviews import write as review
from tests.shop.sandbox import Wechat
from tests.shop.test_least_rights import as_group
from tests.shop.test_rights import granted
from tests.shop.uploads.test_uploads import picture, send
from uploads import jobs as uploads_jobs

__all__ = ["granted"]


def test_the_service_group_and_the_worker_can_do_their_work(wechat: Wechat, granted: dict[str, str]) -> None:
    person, stranger = known(wechat), known(wechat)
    number = buy(person, "A1")
    with as_group(granted, "service"):
        key = send(person, picture()).json()["key"]
        assert review(person, number, image_keys=[key]).status_code == 201
        assert reviews_shown(person.client)["total"] == 1
        assert write(person, kind="image", image_key=key).status_code == 201
        wechat.write(stranger.name, "在吗")
        assert says(stranger.openid, "在吗", 1).status_code == 200
        assert len(talk(stranger)["items"]) == 1
    with as_group(granted, "admin"):
        from conversations import services
        from conversations.services import Words

        found = Conversation.objects.get(openid=stranger.openid)
        services.answer(conversation_id=found.pk, staff="王", words=Words(text="在"))
    with as_group(granted, "worker"):
        work()
        uploads_jobs.ask_again()
        reviews_jobs.sweep()
        backoffice_jobs.forget_sessions()
    assert Message.objects.latest("id").delivery == "sent"


def test_the_admin_can_do_its_work_and_not_rewrite_its_trail(
    wechat: Wechat, hire: Hire, granted: dict[str, str]
) -> None:
    client, made, now = hire("manager"), product(), timezone.now()
    paid, pending = order("A1"), order("A2", state="pending")
    client.logout()
    with as_group(granted, "admin"):
        login = {"username": "the-manager", "password": PASSWORD}
        assert client.post("/admin/login/?next=/admin/", login).status_code == 302
        for page, may in PAGES.items():
            if "manager" in may:
                assert client.get(f"/admin/{page}").status_code == 200, page
        page = f"/admin/catalog/product/{made.pk}/change/"
        assert client.post(page, product_form(made, name="新名")).status_code == 302
        act(client, "catalog/product/", "take_off_shelf", made.pk)
        stock = f"/admin/inventory/stock/{made.skus.get().pk}/change/"
        assert client.post(stock, {"available": 5, "seen": 0}).status_code == 302
        parcel = {"carrier": "ZTO", "tracking_number": "ZT123456"}
        assert client.post(f"/admin/orders/order/{paid}/ship/", parcel).status_code == 302
        refund = {"amount": "1", "reason": "破损", "key": "k"}
        assert client.post(f"/admin/orders/order/{paid}/refund/", refund).status_code == 302
        assert client.post(f"/admin/orders/order/{pending}/cancel/", {}).status_code == 302
        said = Conversation.objects.using("default").count()
        assert said == 0
        with pytest.raises((OperationalError, pymysql.OperationalError), match="denied"):
            AuditEntry.objects.update(staff="somebody else")
        with (
            pytest.raises((OperationalError, pymysql.OperationalError), match="denied"),
            connection.cursor() as sql,
        ):
            sql.execute("DELETE FROM backoffice_auditentry")
        change = {
            "old_password": PASSWORD,
            "new_password1": "another-long-password-7",
            "new_password2": "another-long-password-7",
        }
        assert client.post("/admin/password_change/", change).status_code == 302
    actions = list(AuditEntry.objects.filter(at__gte=now).order_by("id").values_list("action", flat=True))
    assert actions == ["修改", "下架", "盘点", "发货", "退款", "取消订单"]
