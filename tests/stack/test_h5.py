"""The shop in a browser, as its customers meet it; every page is kept as a picture in build/screenshots/.

Login and payment come from the region's stand-in for WeChat.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.stack.conftest import Stack
from tests.web.phone import Phone, Shelf, chromium

PLACES = ("balancer", "cdn")


def place(stack: Stack, which: str) -> tuple[str, str]:
    if which == "balancer":
        return stack.outputs["domain"], stack.vip
    return stack.outputs["cdnDomain"], stack.cdn_address


@pytest.fixture(scope="module")
def shelf(stack: Stack) -> Iterator[Shelf]:
    """The browser, in which the shop's names lead into the region."""
    with chromium(dict(place(stack, which) for which in PLACES)) as found:
        yield found


@pytest.fixture
def phone(stack: Stack, shelf: Shelf) -> Iterator[Phone]:
    """The phone of somebody who was never here. Nothing may go wrong behind what they see."""
    with shelf.phone(f"https://{stack.outputs['domain']}") as found:
        yield found
        assert not found.problems


def choose(phone: Phone, words: str = "手机壳") -> None:
    """Search, and open the first thing found."""
    phone.open("search/index")
    phone.type("搜索商品", words)
    phone.see(words)
    phone.tap("搜索")
    phone.page.locator(".card:visible").first.click()
    phone.see("立即购买")


def write_address(phone: Phone) -> None:
    """Fill the form for a new address, and save it."""
    phone.type("请填写姓名", "林小满")
    phone.type("请填写手机号", "13800138000")
    phone.tap("请选择省份")
    phone.tap("确定")
    phone.type("区县", "海淀区")
    phone.type("街道、小区、楼栋、门牌号", "中关村大街 1 号院 3 单元 801")


def order(phone: Phone) -> None:
    """Buy what is shown, up to the order; the address is the first one."""
    phone.tap("立即购买")
    phone.see("数量")
    phone.page.locator(".sheet .button-main").click()
    phone.see("确认订单")
    phone.tap("添加收货地址")
    phone.see("新建地址")
    write_address(phone)
    phone.picture("address")
    phone.tap("保存")
    phone.see("林小满")
    phone.see("提交订单")
    phone.picture("checkout")
    phone.tap("提交订单")
    phone.page.get_by_test_id("wechat-pay-confirm").wait_for()


def buy(phone: Phone) -> str:
    """Search 手机壳, buy one and pay for it; the order's number."""
    choose(phone)
    order(phone)
    phone.page.get_by_test_id("wechat-pay-confirm").click()
    phone.see("支付成功")
    found = re.search(r"number=([0-9a-z]+)", phone.page.url)
    assert found
    return found[1]


@pytest.mark.parametrize("which", PLACES)
def test_the_shop_opens_at_its_domain(stack: Stack, shelf: Shelf, which: str) -> None:
    with shelf.phone(f"https://{place(stack, which)[0]}") as phone:
        phone.page.goto(f"{phone.base}/")
        phone.see("为你精选")
        phone.see("限时抢购")
        phone.picture(f"home-{which}")
        assert phone.page.locator(".card").count() >= 4
        assert not phone.problems


def test_something_is_searched_bought_and_paid(stack: Stack, phone: Phone) -> None:
    phone.page.goto(f"{phone.base}/")
    phone.see("为你精选")
    phone.picture("home")
    phone.open("search/index")
    phone.picture("search")
    phone.type("搜索商品", "手机")
    phone.see("手机壳")
    phone.picture("suggestions")
    choose(phone)
    phone.picture("product")
    order(phone)
    phone.picture("pay")
    phone.page.get_by_test_id("wechat-pay-confirm").click()
    phone.see("支付成功")
    phone.picture("paid")
    phone.tap("查看订单")
    phone.see("等待发货")
    phone.picture("order")
    found = re.search(r"number=([0-9a-z]+)", phone.page.url)
    assert found
    domain, vip = place(stack, "balancer")
    words = ("--header", f"Authorization: Bearer {phone.token()}")
    told = json.loads(stack.curl(f"https://{domain}/api/v1/orders/{found[1]}", vip, *words).body)
    assert (told["state"], bool(told["paid_at"])) == ("paid", True)
    assert "手机壳" in told["items"][0]["name"]


def test_who_changes_their_mind_can_pay_later(phone: Phone) -> None:
    choose(phone)
    order(phone)
    phone.page.get_by_test_id("wechat-pay-cancel").click()
    phone.see("订单待支付")
    phone.picture("cancelled-payment")
    phone.tap("查看订单")
    phone.see("等待付款")
    phone.picture("order-pending")
    phone.tap("去支付")
    phone.page.get_by_test_id("wechat-pay-confirm").click()
    phone.see("等待发货")


def test_a_paid_order_is_refunded(phone: Phone) -> None:
    number = buy(phone)
    phone.open(f"order/index?number={number}")
    phone.tap("申请退款")
    phone.see("退款原因")
    phone.picture("refund")
    phone.tap("不想要了")
    phone.page.get_by_text(re.compile("退款中|已退款")).locator("visible=true").first.wait_for()
    phone.picture("refunding")


def test_a_guests_cart_becomes_the_users(phone: Phone) -> None:
    choose(phone)
    phone.tap("加入购物车")
    phone.see("数量")
    phone.page.locator(".sheet .button-main").click()
    phone.see("已加入购物车")
    phone.open("cart/index")
    phone.see("购物车 (1)")
    phone.picture("cart")
    phone.open("me/index")
    phone.picture("me-guest")
    phone.tap("点击登录")
    phone.see("退出登录")
    phone.picture("me")
    phone.open("cart/index")
    phone.see("购物车 (1)")
    phone.page.locator(".stepper-sign:visible").last.click()
    phone.see("购物车 (2)")
    phone.page.locator(".cart-drop:visible").click()
    phone.tap("移出")
    phone.see("购物车还是空的")
    phone.picture("cart-empty")


def test_who_has_not_logged_in_is_asked_to(phone: Phone) -> None:
    phone.open("orders/index")
    phone.see("登录后查看")
    phone.picture("orders-guest")
    phone.tap("微信登录")
    phone.see("还没有相关订单")
    phone.picture("orders-empty")


def test_the_other_pages_show_themselves(phone: Phone) -> None:
    buy(phone)
    phone.open("orders/index")
    phone.see("等待发货")
    phone.picture("orders")
    phone.open("coupons/index")
    phone.see("可领取")
    phone.tap("领取")
    phone.see("去使用")
    phone.picture("coupons")
    phone.open("addresses/index")
    phone.see("默认地址")
    phone.picture("addresses")
    phone.open("profile/index")
    phone.type("怎么称呼您", "小满")
    phone.picture("profile")
    phone.tap("保存")
    phone.see("已保存")
    phone.open("me/index")
    phone.see("小满")
    phone.open("service/index")
    phone.tap("什么时候发货？")
    phone.page.locator(".chat-mine").get_by_text("什么时候发货？").wait_for()
    phone.picture("service")
    phone.open("category/index")
    phone.see("销量")
    phone.picture("category")
    phone.open("flash/index")
    phone.see("马上抢")
    phone.picture("flash")


def test_what_is_not_there_is_told(phone: Phone) -> None:
    phone.open("product/index?id=999999999")
    phone.see("您要找的内容不存在或已下架")
    phone.see("重试")
    phone.picture("not-found")
    phone.open("search/index?q=zzzzqqq")
    phone.see("没有找到“zzzzqqq”")
    phone.picture("search-empty")


@pytest.mark.parametrize("which", PLACES)
def test_the_page_is_always_asked_for_and_its_files_never_again(stack: Stack, which: str) -> None:
    domain, address = place(stack, which)
    page = stack.curl(f"https://{domain}/", address)
    assert page.status == 200
    assert re.search(r"cache-control: [^\r\n]*(no-cache|no-store|max-age=0)", page.headers)
    files = re.findall(r'(?:src|href)="((?:https:)?//?[^"]*/h5/[^"]+)"', page.body.decode())
    assert len(files) >= 3
    for path in files:
        host = urlsplit(path).netloc or domain
        found = stack.curl(
            f"https://{host}{urlsplit(path).path}", address if host == domain else stack.cdn_address
        )
        assert found.status == 200, path
        assert re.search(r"cache-control: [^\r\n]*max-age=(3\d{7}|[1-9]\d{6,})", found.headers), path
