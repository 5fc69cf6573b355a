"""Searches."""

from catalog.schemas import CardPage
from catalog.searchable import category_id
from catalog.selectors import cards
from core.errors import ApiError
from search import popular
from search.index import Wanted
from search.keeper import keeper
from search.schemas import SearchQuery
from search.suggestions import suggest


def search(query: SearchQuery) -> CardPage:
    """A page of products. Raises 404 `unknown_category`."""
    category = None
    if query.category is not None:
        category = category_id(query.category)
        if category is None:
            message = f"there is no category {query.category}"
            raise ApiError(404, "unknown_category", message, field="category")
    found = keeper.index().search(
        Wanted(
            text=query.q,
            category=category,
            min_price_fen=query.min_price_fen,
            max_price_fen=query.max_price_fen,
            in_stock=query.in_stock,
            sort=query.sort,
            offset=(query.page - 1) * query.page_size,
            limit=query.page_size,
        )
    )
    if found.total and query.page == 1:
        popular.count(query.q)
    items = cards(found.ids)
    return CardPage.model_construct(
        items=items, page=query.page, page_size=query.page_size, total=found.total
    )


def suggestions(typed: str) -> list[str]:
    """At most ten texts to search for."""
    return suggest(typed, keeper.terms())
