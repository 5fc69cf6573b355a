"""The admin in a browser, with its style sheets and scripts under the policy that production sends.

Pictures of the pages are kept in the test's own folder.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, sync_playwright

from backoffice.models import AuditEntry
from conversations.models import Conversation, Message
from core import static
from coupons.models import Coupon
from orders.models import Order
from tests.shop.backoffice.conftest import PASSWORD, Hire, order
from tests.shop.backoffice.test_pages import product
from tests.shop.live import Live

CDN = "https://cdn.test/"


def _publish(route: Route) -> None:
    """Static files as the CDN has them; pictures are not there."""
    name = route.request.url.removeprefix(f"{CDN}static/{static.folder()}/").partition("?")[0]
    path = static.files().get(name)
    if path is None:
        route.fulfill(status=404)
    else:
        route.fulfill(path=path)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser said: scripts and style sheets that the policy forbids, errors, missing files."""
    return []


@pytest.fixture
def browser_page(complaints: list[str]) -> Iterator[Page]:
    """A page of a browser that speaks Chinese."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}).new_page()
        page.route(f"{CDN}**", _publish)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def _things() -> dict[str, int]:
    """Something to look at; the ids."""
    now = timezone.now()
    made = product()
    Coupon.objects.create(
        name="满减",
        threshold_fen=1000,
        discount_fen=100,
        total=9,
        valid_from=now,
        valid_until=now + timedelta(1),
    )
    talk = Conversation.objects.create(user_id=5, last_at=now, last_text="有货吗？", unread=1)
    Message.objects.create(conversation=talk, sender="customer", kind="text", text="有货吗？", at=now)
    return {"product": made.pk, "order": order("A1"), "talk": talk.pk}


def test_a_manager_works_in_the_browser(
    hire: Hire,
    live: Live,
    complaints: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hire("manager")
    ids = _things()
    # The browser's driver keeps an event loop in this thread, in which Django would not touch the database.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    page: Page = request.getfixturevalue("browser_page")

    def look(name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    page.goto(f"{live.url}/admin/")
    look("login")
    page.fill("#id_username", "the-manager")
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_selector(".tiles")
    assert page.locator(".tile", has_text="待发货").locator("b").inner_text() == "1"
    assert page.evaluate("getComputedStyle(document.querySelector('.tiles')).display") == "grid"
    look("dashboard")

    page.click(".tile:has-text('待发货')")
    page.click("text=A1")
    look("order")
    page.select_option("#id_carrier", "ZTO")
    page.fill("#id_tracking_number", "ZT123456")
    page.click("button:has-text('发货')")
    page.wait_for_selector(".messagelist .success")

    page.goto(f"{live.url}/admin/catalog/product/{ids['product']}/change/")
    page.fill("#id_skus-0-price_fen", "880")
    # The scripts work: a row for another SKU appears.
    page.click("#skus-group .add-row a")
    page.wait_for_selector("#id_skus-1-code")
    page.click("#skus-1 .inline-deletelink")
    look("product")
    page.click("[name=_save]")
    page.wait_for_selector(".messagelist .success")
    look("products")

    page.goto(f"{live.url}/admin/conversations/conversation/{ids['talk']}/change/")
    page.fill("#id_text", "有的")
    page.click("button:has-text('发送')")
    page.wait_for_selector(".line.staff")
    look("chat")

    forms = ("coupons/coupon/add", "flash/flashsale/add")
    for name in (*forms, "reviews", "backoffice/auditentry", "inventory/stock", "users/user"):
        page.goto(f"{live.url}/admin/{name}/")
        look(name.replace("/", "-"))
    assert page.locator("#logout-form").count() == 1

    assert complaints == []
    assert Order.objects.get().state == "shipped"
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"发货", "修改", "回复客服消息"}
