"""`GET` and `POST /reviews`."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from core.fields import Body, BodyId, Id, Line, Text
from core.identity import user
from core.routes import REFUSALS
from reviews import selectors, services
from reviews.selectors import Shown
from reviews.services import Draft

router = Router()


class AuthorOut(Schema):
    """Who wrote it."""

    nickname: str
    avatar_url: str


class ReviewOut(Schema):
    """A review; `reply` is the shop's answer, or empty. Pictures are shown once their check has passed."""

    id: str
    rating: int
    text: str
    images: list[str]
    user: AuthorOut
    attributes: dict[str, str]
    written_at: datetime
    reply: str


class ReviewsOut(Schema):
    """A page of a product's reviews, the newest first; `average` is of all of them, 0 when there are none."""

    items: list[ReviewOut]
    page: int
    page_size: int
    total: int
    average: float


class WrittenOut(ReviewOut):
    """One's own new review: `shown` at once, or when it has been checked."""

    state: str


class ReviewIn(Body):
    """A review of a line of one's order."""

    order_number: Annotated[str, Line(32)]
    sku_id: BodyId
    rating: Annotated[int, Field(strict=True, ge=1, le=5)]
    text: Annotated[str, Text(services.MAX_TEXT)]
    image_keys: Annotated[list[Annotated[str, Line(64)]], Field(max_length=services.MAX_IMAGES)] = []


def _fields(shown: Shown) -> dict[str, object]:
    review = shown.review
    return {
        "id": review.id,
        "rating": review.rating,
        "text": review.text,
        "images": shown.image_urls,
        "user": AuthorOut(nickname=shown.author.nickname, avatar_url=shown.author.avatar_url),
        "attributes": review.attributes,
        "written_at": review.written_at,
        "reply": review.reply,
    }


@router.get("/reviews", response={200: ReviewsOut, **REFUSALS}, summary="A product's reviews")
def reviews(
    request: HttpRequest,
    product_id: Annotated[Id, Query()],
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=50)] = 10,
) -> ReviewsOut:
    """What buyers say of a product, the newest first."""
    found = selectors.page(product_id=product_id, number=page, size=page_size)
    return ReviewsOut(
        items=[ReviewOut(**_fields(one)) for one in found.items],
        page=page,
        page_size=page_size,
        total=found.rating.count,
        average=found.rating.average,
    )


@router.post("/reviews", auth=user, response={201: WrittenOut, **REFUSALS}, summary="Write a review")
def write(request: HttpRequest, body: ReviewIn) -> Status[WrittenOut]:
    """Once for each line of an order whose goods were received; WeChat checks the text first."""
    draft = Draft(body.order_number, body.sku_id, body.rating, body.text, tuple(body.image_keys))
    review = services.write(customer=request.auth, draft=draft)  # type: ignore[attr-defined]
    return Status(201, WrittenOut(**_fields(selectors.shown([review])[0]), state=review.state))
