"""The form of the demo data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goods:
    """A product as it is first put on sale. Each colour (name, `#rrggbb`) comes with each option (value, fen more)."""

    code: str
    category: str
    kind: str
    name: str
    subtitle: str
    points: tuple[str, ...]
    price_fen: int
    market_price_fen: int | None
    weight_grams: int
    colors: tuple[tuple[str, str], ...]
    option: str = ""
    options: tuple[tuple[str, int], ...] = ()
    stock: int = 200

    @property
    def description(self) -> str:
        """What the product's page says below the pictures."""
        said = "；".join(self.points)
        return f"{self.name}，{self.subtitle}。{said}。七天无理由退换，四十八小时内发货。"


@dataclass(frozen=True)
class Shelf:
    """A category; `kind` and `color` make its picture."""

    slug: str
    name: str
    parent: str
    kind: str
    color: str


SHELVES = (
    Shelf("digital", "数码配件", "", "earbuds", "#5b6ee1"),
    Shelf("cases", "手机壳", "digital", "silicone_case", "#e6868f"),
    Shelf("films", "手机贴膜", "digital", "film", "#4fa3a5"),
    Shelf("power", "充电与线材", "digital", "cable", "#e07b39"),
    Shelf("audio", "耳机音箱", "digital", "headphones", "#6a5a8c"),
    Shelf("desk", "桌面办公", "digital", "keyboard", "#6fae9c"),
    Shelf("food", "茶饮零食", "", "green_tea", "#4f8a4c"),
    Shelf("tea", "茶叶", "food", "jasmine_tea", "#b9a1dc"),
    Shelf("snacks", "零食", "food", "cookies", "#c98a3a"),
    Shelf("home", "居家日用", "", "mug", "#4a8f7b"),
    Shelf("kitchen", "餐厨", "home", "gaiwan", "#3b6ea8"),
    Shelf("living", "家居", "home", "lamp", "#e0a84f"),
    Shelf("bath", "洗漱出行", "home", "towels", "#86b6d8"),
    Shelf("style", "服饰文创", "", "shirt", "#4a6fa5"),
    Shelf("wear", "服饰", "style", "cap", "#2f6b5e"),
    Shelf("paper", "文创", "style", "notebook", "#35587a"),
)


@dataclass(frozen=True)
class Poster:
    """A banner of the home page, leading to a product by its code."""

    key: str
    title: str
    subtitle: str
    kinds: tuple[str, ...]
    color: str
    code: str


POSTERS = (
    Poster(
        "spring-tea",
        "春茶季",
        "明前龙井，今日到店",
        ("green_tea", "gaiwan", "jasmine_tea"),
        "#6f9e4c",
        "TE-001",
    ),
    Poster(
        "cases",
        "换壳如换新",
        "磨砂手机壳，十二款可选",
        ("frosted_case", "cartoon_case", "silicone_case"),
        "#5b6ee1",
        "DG-001",
    ),
    Poster("home", "把家收拾好", "杯盏灯烛，点滴生活", ("lamp", "mug", "candle"), "#d98f4e", "HM-004"),
)
