"""The search over HTTP."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from ninja.decorators import decorate_view

from catalog.schemas import CardPage
from core.memory import answer, remembered
from core.routes import REFUSALS
from search import selectors
from search.schemas import SearchQuery, Suggestions

router = Router()


@router.get("/search", response={200: CardPage, **REFUSALS})
@decorate_view(remembered)
def search(request: HttpRequest, query: Query[SearchQuery]) -> HttpResponse:
    """Products that have the words of `q`, or parts of them, in their names, subtitles, attributes or categories."""
    return answer(selectors.search(query).model_dump_json().encode())


@router.get("/search/suggestions", response={200: Suggestions, **REFUSALS})
@decorate_view(remembered)
def suggestions(request: HttpRequest, q: str = Query("", max_length=64)) -> HttpResponse:
    """What to search for, while somebody types."""
    return answer(Suggestions(items=selectors.suggestions(q)).model_dump_json().encode())
