"""The search's questions and answers."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Fen = Annotated[int, Field(ge=0, le=4_000_000_000)]


class SearchQuery(Schema):
    """What is searched for. Without `q` everything is found."""

    q: str = Field("", max_length=64)
    category: Slug | None = None
    min_price_fen: Fen | None = None
    max_price_fen: Fen | None = None
    in_stock: bool = False
    sort: Literal["relevance", "price", "-price", "sales", "newest"] = "relevance"
    page: int = Field(1, ge=1, le=200)
    page_size: int = Field(20, ge=1, le=50)


class Suggestions(Schema):
    """Texts to search for."""

    items: list[str]
