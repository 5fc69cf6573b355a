"""Reading reviews."""

from collections.abc import Iterable
from dataclasses import dataclass

from reviews import pages, ratings
from reviews.shelf import Rating
from reviews.store import Review
from uploads import selectors as uploads
from users import selectors as users
from users.selectors import Profile

_SOMEBODY = Profile("微信用户", "")


@dataclass(frozen=True)
class Shown:
    """A review as everybody sees it: with its author, and those of its pictures that were approved."""

    review: Review
    author: Profile
    image_urls: list[str]


@dataclass(frozen=True)
class Page:
    """Some of a product's reviews, the newest first, and what all of them say."""

    items: list[Shown]
    rating: Rating


def rating(product_ids: Iterable[int]) -> dict[int, Rating]:
    """The ratings of products; while MongoDB is away some are missing, and no error is raised."""
    return ratings.of(product_ids)


def page(*, product_id: int, number: int, size: int) -> Page:
    """A page of a product's reviews. Raises 503."""
    found, rating_of_all = pages.read(product_id=product_id, number=number, size=size)
    return Page(shown(found), rating_of_all)


def shown(reviews: list[Review]) -> list[Shown]:
    """Reviews with their authors and pictures."""
    authors = users.profiles(review.user_id for review in reviews)
    keys = uploads.approved(key for review in reviews for key in review.image_keys)
    return [
        Shown(
            review,
            authors.get(review.user_id, _SOMEBODY),
            [uploads.url(key) for key in review.image_keys if key in keys],
        )
        for review in reviews
    ]
