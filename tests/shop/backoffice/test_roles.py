"""Each role can do exactly its own: every page and every deed, for every role."""

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from backoffice import roles
from conversations.models import Conversation
from tests.shop.backoffice.conftest import PASSWORD, Hire, order
from tests.shop.conftest import Shop

_ALL = {"manager", "warehouse", "service", "finance"}
PAGES = {
    "": _ALL,
    "orders/order/": _ALL,
    "logistics/shipment/": _ALL,
    "inventory/stock/": {"manager", "warehouse"},
    "payments/payment/": {"manager", "finance"},
    "payments/refund/": {"manager", "finance"},
    "payments/billcheck/": {"manager", "finance"},
    "payments/suspicion/": {"manager", "finance"},
    "conversations/conversation/": {"manager", "service"},
    "reviews/": {"manager", "service"},
    "uploads/upload/": {"manager", "service"},
    "users/user/": {"manager", "service"},
    "catalog/product/": {"manager"},
    "catalog/product/add/": {"manager"},
    "catalog/category/": {"manager"},
    "catalog/category/add/": {"manager"},
    "catalog/banner/": {"manager"},
    "catalog/banner/add/": {"manager"},
    "coupons/coupon/": {"manager"},
    "coupons/coupon/add/": {"manager"},
    "coupons/usercoupon/": {"manager"},
    "flash/flashsale/": {"manager"},
    "flash/flashsale/add/": {"manager"},
    "flash/flashpurchase/": {"manager"},
    "logistics/freightrule/": {"manager"},
    "logistics/freightrule/add/": {"manager"},
    "backoffice/auditentry/": {"manager"},
    "orders/order/add/": set(),
    "payments/payment/add/": set(),
    "users/user/add/": set(),
    "backoffice/auditentry/add/": set(),
    "coupons/usercoupon/add/": set(),
    "inventory/stock/add/": set(),
}


@pytest.mark.parametrize("role", sorted(_ALL))
def test_each_role_sees_exactly_its_pages(hire: Hire, role: str) -> None:
    client = hire(role)
    for page, may in PAGES.items():
        answer = client.get(f"/admin/{page}")
        assert answer.status_code == (200 if role in may else 403), (page, answer.status_code)


DEEDS = {
    "ship": {"manager", "warehouse"},
    "refund": {"manager", "finance"},
    "cancel": {"manager"},
}


@pytest.mark.parametrize("role", sorted(_ALL))
def test_each_role_does_exactly_its_deeds(hire: Hire, role: str) -> None:
    client = hire(role)
    for deed, may in DEEDS.items():
        identifier = order(f"{role}-{deed}")
        answer = client.post(f"/admin/orders/order/{identifier}/{deed}/", {})
        assert answer.status_code == (302 if role in may else 403), deed
        assert client.get(f"/admin/orders/order/{identifier}/{deed}/").status_code == 403, "by POST only"
        page = client.get(f"/admin/orders/order/{identifier}/change/").content.decode()
        offered = f"/admin/orders/order/{identifier}/{deed}/" in page
        assert offered == (role in may and deed != "cancel"), (deed, "a paid order can't be cancelled")
    talk = Conversation.objects.create(user_id=1, last_at=timezone.now())
    answer = client.post(f"/admin/conversations/conversation/{talk.pk}/change/", {"text": ""})
    assert answer.status_code == (200 if role in {"manager", "service"} else 403)
    answer = client.post("/admin/reviews/0123/", {"action": "hide"})
    assert answer.status_code == (302 if role in {"manager", "service"} else 403)


def test_nobody_comes_in_without_logging_in(shop: Shop, client: Client) -> None:
    for page in PAGES:
        answer = client.get(f"/admin/{page}")
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/"), page
    assert client.post("/admin/orders/order/1/ship/", {}).status_code == 302
    assert client.post("/admin/reviews/0123/", {}).status_code == 302


def test_a_form_without_its_token_is_refused(hire: Hire) -> None:
    identifier = order()
    hire("manager")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="the-manager"))
    for page in (f"orders/order/{identifier}/ship/", "reviews/0123/", "catalog/category/add/", "logout/"):
        assert strict.post(f"/admin/{page}", {}).status_code == 403, page


def test_a_dismissed_member_is_out_at_once(hire: Hire) -> None:
    client = hire("manager")
    assert client.get("/admin/").status_code == 200
    call_command("staff", "dismiss", "the-manager", stdout=io.StringIO())
    assert client.get("/admin/").status_code == 302
    with pytest.raises(CommandError):
        call_command("staff", "dismiss", "nobody")


def test_roles_are_made_once_and_mended(shop: Shop) -> None:
    assert roles.establish() == 4
    assert roles.establish() == 0
    Group.objects.get(name="warehouse").permissions.add(Permission.objects.get(codename="refund_order"))
    said = io.StringIO()
    call_command("staff", "roles", stdout=said)
    assert said.getvalue() == "changed=1\n"
    warehouse = set(Group.objects.get(name="warehouse").permissions.values_list("codename", flat=True))
    assert "refund_order" not in warehouse


def test_staff_is_made_by_the_command(
    shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def create(*words: str) -> str:
        said = io.StringIO()
        call_command("staff", "create", *words, stdout=said)
        return said.getvalue()

    made = create("zhang", "--role", "finance")
    password = made.split("password (shown once): ")[1].strip()
    assert client.login(username="zhang", password=password)
    monkeypatch.setenv("STAFF_PASSWORD", PASSWORD)
    assert "password" not in create("zhang", "--role", "service")
    assert not client.login(username="zhang", password=password)
    assert client.login(username="zhang", password=PASSWORD)
    assert [group.name for group in User.objects.get(username="zhang").groups.all()] == ["service"]
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError):
        create("li", "--role", "service", "--password-stdin")
    monkeypatch.setattr("sys.stdin", io.StringIO("from-the-pipe-1234\n"))
    create("li", "--role", "service", "--password-stdin")
    assert client.login(username="li", password="from-the-pipe-1234")
    with pytest.raises(CommandError):
        create("bad name!", "--role", "service")
    with pytest.raises(CommandError):
        create("li", "--role", "king")
