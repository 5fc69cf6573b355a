"""What the staff does in the admin, and what is kept of it."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from backoffice.models import AuditEntry
from catalog.models import Banner, Category, Product, Sku
from coupons.models import Coupon
from flash.models import FlashPurchase, FlashSale
from inventory import services as inventory
from inventory.models import Stock
from outbox.models import OutboxMessage
from tests.shop.backoffice.conftest import Hire, order
from uploads.models import Upload


def jpeg() -> SimpleUploadedFile:
    """A picture's file."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "JPEG")
    return SimpleUploadedFile("a.jpg", file.getvalue())


def product(name: str = "手机壳") -> Product:
    """A product with a SKU."""
    category, _ = Category.objects.get_or_create(slug="phone", defaults={"name": "手机"})
    made = Product.objects.create(name=name, category=category)
    sku = Sku.objects.create(product=made, code=f"C{made.pk}", price_fen=990)
    Stock.objects.create(sku_id=sku.pk, available=10)
    return made


def deeds() -> list[tuple[str, str]]:
    """The audit trail, oldest first."""
    return list(AuditEntry.objects.order_by("id").values_list("action", "label"))


def inlines(**more: Any) -> dict[str, Any]:
    """The empty forms of a product's page."""
    empty = {}
    for name in ("skus", "images"):
        empty |= {f"{name}-TOTAL_FORMS": 0, f"{name}-INITIAL_FORMS": 0}
    return {**empty, **more}


def product_form(made: Product, **more: Any) -> dict[str, Any]:
    """The form of a product as its page shows it."""
    sku = made.skus.get()
    known = {
        "name": made.name,
        "category": made.category_id,
        "position": 0,
        "on_shelf": "on",
        "skus-TOTAL_FORMS": 1,
        "skus-INITIAL_FORMS": 1,
        "skus-0-id": sku.pk,
        "skus-0-product": made.pk,
        "skus-0-code": sku.code,
        "skus-0-attributes": "{}",
        "skus-0-price_fen": sku.price_fen,
        "skus-0-weight_grams": 0,
        "skus-0-active": "on",
    }
    return inlines(**{**known, **more})


def post(client: Client, page: str, body: dict[str, Any]) -> Any:
    """Send a form, which must be accepted."""
    answer = client.post(f"/admin/{page}", body)
    if answer.status_code != 302:
        errors = answer.context["errors"] if answer.context and "errors" in answer.context else answer.content
        raise AssertionError(f"{answer.status_code}: {errors}")
    return answer


def act(client: Client, page: str, action: str, *rows: Any) -> None:
    """Choose rows and an action."""
    post(client, page, {"action": action, "_selected_action": [str(row) for row in rows]})


def test_a_product_is_made_with_skus_and_pictures(hire: Hire) -> None:
    client = hire("manager")
    category = Category.objects.create(slug="phone", name="手机")
    sku = {
        "code": "A-1",
        "attributes": '{"颜色": "黑"}',
        "price_fen": 1990,
        "weight_grams": 50,
        "active": "on",
    }
    body = {"name": "新款", "category": category.pk, "position": 1, "on_shelf": "on"}
    body |= inlines(**{"skus-TOTAL_FORMS": 1, "images-TOTAL_FORMS": 1})
    body |= {f"skus-0-{name}": value for name, value in sku.items()}
    body |= {"images-0-position": 0, "images-0-picture": jpeg()}
    post(client, "catalog/product/add/", body)
    made = Product.objects.get()
    assert (made.price_fen, made.listed) == (1990, True), "lists know of it"
    assert made.images.get().key.startswith("u/")
    assert Upload.objects.get().state == "approved"
    assert Stock.objects.get().available == 0, "its SKU has a row in the stock"
    assert OutboxMessage.objects.filter(topic="catalog.changed").exists()
    assert deeds() == [("新增", "catalog.product"), ("新增", "catalog.sku"), ("新增", "catalog.productimage")]
    entry = AuditEntry.objects.get(label="catalog.sku")
    assert (entry.staff, entry.after["price_fen"], entry.request_id != "") == ("the-manager", 1990, True)


def test_a_changed_price_is_kept_before_and_after(hire: Hire) -> None:
    made = product()
    page = f"catalog/product/{made.pk}/change/"
    post(hire("manager"), page, product_form(made, **{"skus-0-price_fen": 880}))
    assert Product.objects.get().price_fen == 880
    entry = AuditEntry.objects.get(label="catalog.sku")
    assert (entry.before, entry.after) == ({"price_fen": 990}, {"price_fen": 880})


def test_a_deleted_sku_and_a_deleted_product_are_kept(hire: Hire) -> None:
    made, client = product(), hire("manager")
    post(client, f"catalog/product/{made.pk}/change/", product_form(made, **{"skus-0-DELETE": "on"}))
    assert AuditEntry.objects.get(action="删除").before["code"] == f"C{made.pk}"
    post(client, f"catalog/product/{made.pk}/delete/", {"post": "yes"})
    assert ("删除", "catalog.product") in deeds()
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("skus-0-price_fen", "0"),
        ("skus-0-price_fen", "-5"),
        ("skus-0-attributes", "[1]"),
        ("skus-0-attributes", "no json"),
        ("name", ""),
        ("skus-0-picture", SimpleUploadedFile("a.jpg", b"no picture")),
    ],
)
def test_bad_products_are_refused(hire: Hire, field: str, value: Any) -> None:
    made = product()
    answer = hire("manager").post(
        f"/admin/catalog/product/{made.pk}/change/", product_form(made, **{field: value})
    )
    assert answer.status_code == 200
    assert "errornote" in answer.content.decode()
    assert deeds() == []


def test_products_go_on_and_off_the_shelf(hire: Hire) -> None:
    client, made = hire("manager"), [product("a"), product("b")]
    act(client, "catalog/product/", "take_off_shelf", *(one.pk for one in made))
    assert not Product.objects.filter(on_shelf=True).exists()
    assert not Product.objects.filter(listed=True).exists()
    act(client, "catalog/product/", "put_on_shelf", made[0].pk)
    assert Product.objects.get(listed=True) == made[0]
    entry = AuditEntry.objects.get(action="上架")
    assert (entry.before["on_shelf"], entry.after["on_shelf"]) == (False, True)
    assert LogEntry.objects.filter(change_message="上架").count() == 1


def test_categories_and_banners_need_and_take_pictures(hire: Hire) -> None:
    client = hire("manager")
    post(client, "catalog/category/add/", {"name": "壳", "slug": "ke", "position": 0})
    assert client.post("/admin/catalog/banner/add/", {"title": "促销", "position": 0}).status_code == 200
    post(client, "catalog/banner/add/", {"title": "促销", "position": 0, "active": "on", "picture": jpeg()})
    assert Banner.objects.get().image_key.startswith("u/")
    assert deeds() == [("新增", "catalog.category"), ("新增", "catalog.banner")]


def test_what_is_ordered_while_stock_is_taken_stays_ordered(hire: Hire) -> None:
    sku = product().skus.get()
    Stock.objects.update(available=10)
    client, address = hire("manager"), f"/admin/inventory/stock/{sku.pk}/change/"
    form = client.get(address).context["adminform"].form
    assert form.initial["seen"] == 10
    with transaction.atomic():
        inventory.reserve(quantities={sku.pk: 8})
    assert client.post(address, {"available": 12, "seen": 10}).status_code == 302
    assert Stock.objects.get().available == 4, "eight were ordered, two were found"
    refused = client.post(address, {"available": 1, "seen": 10})
    assert (refused.status_code, Stock.objects.get().available) == (200, 4)
    assert "请重新盘点" in refused.content.decode()


def test_stock_is_set_without_touching_what_was_sold(hire: Hire) -> None:
    sku = product().skus.get()
    Stock.objects.update(sold=3)
    client = hire("manager")
    seen = Stock.objects.get().available
    post(client, f"inventory/stock/{sku.pk}/change/", {"available": 77, "seen": seen, "sold": 999})
    stock = Stock.objects.get()
    assert (stock.available, stock.sold) == (77, 3)
    assert deeds() == [("盘点", "inventory.stock")]
    assert (
        client.post(f"/admin/inventory/stock/{sku.pk}/change/", {"available": -1, "seen": 77}).status_code
        == 200
    )
    assert OutboxMessage.objects.filter(topic="inventory.changed").exists()
    for number in range(3):
        product(str(number))
    with CaptureQueriesContext(connection) as few:
        page = client.get("/admin/inventory/stock/?level=low").content.decode()
    with CaptureQueriesContext(connection) as many:
        page += client.get("/admin/inventory/stock/").content.decode()
    assert "手机壳" in page
    assert len(many) <= len(few) + 1, "a name costs no query"


def test_a_claimed_coupon_keeps_its_terms_and_its_count(hire: Hire) -> None:
    now = timezone.now()
    coupon = Coupon.objects.create(
        name="满减",
        threshold_fen=1000,
        discount_fen=100,
        total=10,
        valid_from=now,
        valid_until=now + timedelta(1),
    )
    client, page = hire("manager"), f"/admin/coupons/coupon/{coupon.pk}/change/"
    client.get(page)
    Coupon.objects.update(claimed=4)
    when = {
        "valid_from_0": "2026-01-01",
        "valid_from_1": "00:00",
        "valid_until_0": "2030-01-01",
        "valid_until_1": "0:0",
    }
    body = {"name": "新名", "threshold_fen": 1, "discount_fen": 999, "total": 20, "per_user": 1, **when}
    post(client, f"coupons/coupon/{coupon.pk}/change/", body)
    coupon.refresh_from_db()
    found = (coupon.name, coupon.total, coupon.claimed, coupon.threshold_fen, coupon.discount_fen)
    assert found == ("新名", 20, 4, 1000, 100)
    assert client.post(page, {**body, "total": 3}).status_code == 200, "fewer than were claimed"


def test_a_flash_sale_begins_with_all_its_pieces_and_keeps_what_is_left(hire: Hire) -> None:
    client, sku = hire("manager"), product().skus.get()
    when = {
        "starts_at_0": "2026-01-01",
        "starts_at_1": "00:00",
        "ends_at_0": "2030-01-01",
        "ends_at_1": "00:00",
    }
    body = {"sku_id": sku.pk, "price_fen": 100, "total": 50, "per_user": 1, **when}
    assert client.post("/admin/flash/flashsale/add/", {**body, "sku_id": 4040}).status_code == 200
    post(client, "flash/flashsale/add/", body)
    sale = FlashSale.objects.get()
    assert (sale.left, sale.total) == (50, 50)
    FlashSale.objects.update(left=20)
    FlashPurchase.objects.create(
        sale=sale, user_id=1, order_number="A", quantity=30, created_at=timezone.now()
    )
    post(client, f"flash/flashsale/{sale.pk}/change/", {**body, "total": 99, "price_fen": 90})
    sale.refresh_from_db()
    assert (sale.left, sale.total, sale.price_fen) == (20, 50, 90)
    assert client.post(f"/admin/flash/flashsale/{sale.pk}/delete/", {"post": "yes"}).status_code == 403


def test_freight_rules_are_changed_and_deleted_with_a_trace(hire: Hire) -> None:
    client = hire("manager")
    rule = {"province": "广东省", "base_fen": 800, "first_grams": 1000, "step_grams": 1000, "step_fen": 200}
    post(client, "logistics/freightrule/add/", rule)
    from logistics.models import FreightRule

    page = {"action": "delete_selected", "_selected_action": FreightRule.objects.get().pk, "post": "yes"}
    post(client, "logistics/freightrule/", page)
    assert [action for action, _ in deeds()] == ["新增", "删除"]


def test_the_trail_can_be_read_and_not_changed(hire: Hire) -> None:
    made, client = product(), hire("manager")
    act(client, "catalog/product/", "take_off_shelf", made.pk)
    entry = AuditEntry.objects.get()
    assert client.get(f"/admin/backoffice/auditentry/{entry.pk}/change/").status_code == 200
    for page in (f"{entry.pk}/change/", f"{entry.pk}/delete/"):
        assert client.post(f"/admin/backoffice/auditentry/{page}", {"post": "yes"}).status_code == 403
    client.post("/admin/backoffice/auditentry/", {"action": "delete_selected", "_selected_action": entry.pk})
    assert AuditEntry.objects.count() == 1


def test_lists_of_orders_need_the_same_queries_for_many(hire: Hire) -> None:
    client = hire("manager")

    def queries(make: Callable[[int], object]) -> int:
        for number in range(3):
            make(number)
        with CaptureQueriesContext(connection) as found:
            assert client.get("/admin/orders/order/").status_code == 200
        return len(found)

    assert queries(lambda number: order(f"A{number}")) == queries(lambda number: order(f"B{number}"))
