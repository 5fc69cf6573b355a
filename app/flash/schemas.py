"""Flash sales as clients see them, here and on the first page."""

from datetime import datetime

from ninja import Schema


class FlashSaleOut(Schema):
    """A sale: `left` of `total` pieces at `price_fen`, at most `per_user` for each."""

    id: int
    sku_id: int
    product_id: int
    name: str
    image_url: str | None
    price_fen: int
    original_price_fen: int
    starts_at: datetime
    ends_at: datetime
    total: int
    left: int
    per_user: int


class FlashSalesOut(Schema):
    """The sales that are on, or begin soon."""

    items: list[FlashSaleOut]
