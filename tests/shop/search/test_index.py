"""The index by itself: what is found, in which order."""

import pytest

from catalog.searchable import Searchable
from search.index import Index, Wanted

NAMES = (
    "磨砂手机壳",
    "透明手机壳",
    "快充数据线",
    "蓝牙耳机",
    "明前龙井",
    "iPhone 17 钢化膜",
    "ＵＳＢ－Ｃ 充电头",
    "纯棉毛巾",
    "毛巾架",
)


def entry(number: int, name: str, **fields: object) -> Searchable:
    values: dict[str, object] = {
        "id": number,
        "name": name,
        "text": "",
        "categories": (1,),
        "price_fen": 1000,
        "in_stock": True,
        "sold": 0,
    }
    return Searchable(**(values | fields))  # type: ignore[arg-type]


def index_of(*entries: Searchable) -> Index:
    index = Index()
    index.write(entries)
    return index


@pytest.fixture(scope="module")
def index() -> Index:
    return index_of(*(entry(number, name) for number, name in enumerate(NAMES, start=1)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手机壳", {"磨砂手机壳", "透明手机壳"}),
        ("机壳", {"磨砂手机壳", "透明手机壳"}),
        ("砂手", {"磨砂手机壳"}),
        ("壳", {"磨砂手机壳", "透明手机壳"}),
        ("磨砂 手机壳", {"磨砂手机壳"}),
        ("手机壳 磨砂", {"磨砂手机壳"}),
        ("iphone", {"iPhone 17 钢化膜"}),
        ("IPHONE 17", {"iPhone 17 钢化膜"}),
        ("iph", {"iPhone 17 钢化膜"}),
        ("usb", {"ＵＳＢ－Ｃ 充电头"}),
        ("毛巾", {"纯棉毛巾", "毛巾架"}),
        # None has both: those with one of them are better than nothing.
        ("龙井 手机壳", {"明前龙井", "磨砂手机壳", "透明手机壳"}),
        ("机数", set()),
        ("冰箱", set()),
        ("!?。", set()),
        ("AND OR NOT (", set()),
        ('name:"x', set()),
        ("", set(NAMES)),
        ("   ", set(NAMES)),
    ],
)
def test_what_is_found(index: Index, text: str, expected: set[str]) -> None:
    found = index.search(Wanted(text=text, limit=50))
    assert {NAMES[number - 1] for number in found.ids} == expected
    assert found.total == len(expected)


def test_a_name_counts_more_than_other_texts_and_sales_decide_between_equals() -> None:
    index = index_of(
        entry(1, "收纳盒", text="可放手机壳"),
        entry(2, "磨砂手机壳"),
        entry(3, "磨砂手机壳", sold=100),
    )
    assert index.search(Wanted(text="手机壳")).ids == (3, 2, 1)


def test_sales_never_beat_a_better_name() -> None:
    index = index_of(entry(1, "毛巾", text="送手机壳", sold=1_000_000), entry(2, "手机壳"))
    assert index.search(Wanted(text="手机壳")).ids == (2, 1)


GOODS = (
    entry(1, "甲壳", price_fen=300, sold=5, categories=(2, 1)),
    entry(2, "乙壳", price_fen=100, sold=9, categories=(3, 1), in_stock=False),
    entry(3, "丙壳", price_fen=200, sold=0, categories=(4,)),
    entry(4, "丁壳", price_fen=200, sold=7, categories=(2, 1)),
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(sort="price"), (2, 3, 4, 1)),
        (Wanted(sort="-price"), (1, 4, 3, 2)),
        (Wanted(sort="sales"), (2, 4, 1, 3)),
        (Wanted(sort="newest"), (4, 3, 2, 1)),
        (Wanted(), (2, 4, 1, 3)),
        (Wanted(text="壳", sort="price", category=1), (2, 4, 1)),
        (Wanted(text="壳", sort="price", category=2), (4, 1)),
        (Wanted(sort="price", in_stock=True), (3, 4, 1)),
        (Wanted(sort="price", min_price_fen=200), (3, 4, 1)),
        (Wanted(sort="price", max_price_fen=200), (2, 3, 4)),
        (Wanted(sort="price", min_price_fen=150, max_price_fen=250, category=1), (4,)),
        (Wanted(sort="price", min_price_fen=301), ()),
        (Wanted(sort="price", min_price_fen=300, max_price_fen=100), ()),
        (Wanted(sort="price", offset=1, limit=2), (3, 4)),
        (Wanted(sort="price", offset=9), ()),
    ],
)
def test_filters_and_orders(wanted: Wanted, expected: tuple[int, ...]) -> None:
    assert index_of(*GOODS).search(wanted).ids == expected


def test_a_page_says_how_many_there_are() -> None:
    assert index_of(*GOODS).search(Wanted(sort="price", limit=1, category=1)).total == 3


def test_a_product_is_replaced_and_taken_out() -> None:
    index = index_of(*GOODS)
    index.write([entry(1, "新名")], gone=[2])
    assert len(index) == 3
    assert index.search(Wanted(text="甲")).ids == ()
    assert index.search(Wanted(text="新名")).ids == (1,)
    assert index.search(Wanted(text="乙")).ids == ()
