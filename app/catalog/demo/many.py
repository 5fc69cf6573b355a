"""Thousands of products for benchmarks: the same names for the same numbers, every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product as every

from django.db import transaction

from catalog.models import Category, Product, ProductImage, Sku
from catalog.services import shelves_changed
from catalog.summary import Variant, summarise
from inventory.seed import seed_many as seed_stock
from inventory.selectors import Level

PREFIX = "MANY"
_IMAGE = "categories/digital.svg"
"""One of the demo shop's, for all."""
BATCH = 2000
_STYLES = [
    "新款",
    "经典",
    "轻薄",
    "加厚",
    "复古",
    "北欧",
    "日式",
    "国风",
    "简约",
    "商务",
    "学生",
    "儿童",
    "情侣",
    "旅行",
    "户外",
    "办公",
]
_MAKES = [
    "磨砂",
    "透明",
    "硅胶",
    "真皮",
    "纯棉",
    "亚麻",
    "陶瓷",
    "不锈钢",
    "竹制",
    "实木",
    "羊毛",
    "真丝",
    "铝合金",
    "玻璃",
    "帆布",
    "手工",
]
_THINGS = [
    "手机壳",
    "数据线",
    "充电宝",
    "蓝牙耳机",
    "鼠标",
    "键盘",
    "支架",
    "台灯",
    "保温杯",
    "马克杯",
    "茶壶",
    "盖碗",
    "砧板",
    "毛巾",
    "抱枕",
    "香薰",
    "雨伞",
    "围巾",
    "短袖",
    "袜子",
    "帽子",
    "手提袋",
    "笔记本",
    "书签",
    "钢笔",
    "折扇",
    "绿植",
    "收纳盒",
    "挂钟",
    "相框",
    "龙井",
    "红茶",
    "普洱",
    "花茶",
    "坚果",
    "曲奇",
    "蜂蜜",
    "糖果",
    "果干",
    "肉脯",
]


@dataclass(frozen=True)
class Made:
    """A product as it is made up."""

    code: str
    name: str
    subtitle: str
    thing: int
    price_fen: int
    stock: int


def invent(count: int) -> Iterator[Made]:
    """Products with names of three words; more than there are combinations get a number."""
    names = [f"{style}{make}{thing}" for thing, make, style in every(_THINGS, _MAKES, _STYLES)]
    # A step without common divisor goes through all names in an order that mixes them.
    step = 7919
    for number in range(count):
        place = number * step % len(names)
        turn = number // len(names)
        name = names[place] + (f" {turn + 1} 代" if turn else "")
        thing = place // (len(_MAKES) * len(_STYLES))
        price = 500 + number * 37 % 90_000
        yield Made(f"{PREFIX}-{number}", name, f"{_THINGS[thing]}，第 {number} 号", thing, price, number % 50)


@transaction.atomic(using="default")
def create(count: int) -> int:
    """Make those of the first `count` products that are missing; how many were."""
    known = set(
        Sku.objects.using("default").filter(code__startswith=f"{PREFIX}-").values_list("code", flat=True)
    )
    wanted = [made for made in invent(count) if made.code not in known]
    shelves = _shelves()
    for start in range(0, len(wanted), BATCH):
        _create(wanted[start : start + BATCH], shelves)
    if wanted:
        shelves_changed()
    return len(wanted)


def _create(wanted: list[Made], shelves: list[Category]) -> None:
    products = Product.objects.using("default").bulk_create(_product(made, shelves) for made in wanted)
    skus = Sku.objects.using("default").bulk_create(
        Sku(
            product=product,
            code=made.code,
            attributes={"颜色": "黑"},
            price_fen=made.price_fen,
            weight_grams=200,
        )
        for product, made in zip(products, wanted, strict=True)
    )
    ProductImage.objects.using("default").bulk_create(
        ProductImage(product=product, key=_IMAGE) for product in products
    )
    seed_stock({sku.pk: made.stock for sku, made in zip(skus, wanted, strict=True)})


def _product(made: Made, shelves: list[Category]) -> Product:
    # Summed up here and now: bringing 20,000 rows up to date afterwards would take minutes.
    variant = Variant(True, made.price_fen, None, "", Level(made.stock, 0))
    return Product(
        name=made.name,
        subtitle=made.subtitle,
        description=f"{made.name}，{made.subtitle}。",
        category=shelves[made.thing % len(shelves)],
        position=1000,
        **vars(summarise(on_shelf=True, variants=[variant], images=[_IMAGE])),
    )


def _shelves() -> list[Category]:
    parent = _category("many", "更多", None)
    return [_category(f"many-{number}", f"更多 {number}", parent) for number in range(1, 9)]


def _category(slug: str, name: str, parent: Category | None) -> Category:
    values = {"name": name, "parent": parent, "position": 100}
    return Category.objects.using("default").get_or_create(slug=slug, defaults=values)[0]
