"""The catalogue's answers."""

from ninja import Schema


class Card(Schema):
    """A product in a list. `sold`, `in_stock` and `rating` are up to a minute old."""

    id: int
    name: str
    subtitle: str
    image_url: str | None
    price_fen: int
    market_price_fen: int | None
    sold: int
    in_stock: bool
    rating: float | None


class CardPage(Schema):
    """A page of cards."""

    items: list[Card]
    page: int
    page_size: int
    total: int


class SkuAnswer(Schema):
    """A variant. `stock` is some seconds old; the cart and the order ask again."""

    id: int
    code: str
    attributes: dict[str, str]
    price_fen: int
    market_price_fen: int | None
    stock: int
    image_url: str | None


class Reviews(Schema):
    """What reviews say together."""

    count: int
    average: float | None


class ProductPage(Card):
    """All of a product. `category` is the slug."""

    description: str
    category: str
    images: list[str]
    skus: list[SkuAnswer]
    reviews: Reviews


class CategoryAnswer(Schema):
    """A category with those below it."""

    slug: str
    name: str
    image_url: str | None
    children: list["CategoryAnswer"]


class Categories(Schema):
    """Every category, as a tree of two levels."""

    items: list[CategoryAnswer]


class BannerAnswer(Schema):
    """A banner of the home page."""

    title: str
    image_url: str
    product_id: int | None
