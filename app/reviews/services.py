"""Writing reviews, checking them, and what the staff does with them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from core.errors import ApiError, invalid
from core.identity import Customer
from orders import selectors as orders
from outbox import services as outbox
from reviews import pages, ratings, store
from reviews.shelf import Shelf
from reviews.store import AlreadyReviewedError, Review, State
from uploads import selectors as uploads
from users import selectors as users
from wechat import api as wechat
from wechat.api import Scene
from wechat.errors import WechatError, WechatUnavailableError

CHECK = "reviews.check"
RATED = "catalog.rated"
"""Tells the catalogue that a product's rating is another."""
MAX_TEXT = 500
MAX_IMAGES = 9
_STATES = {"pass": State.SHOWN, "review": State.WAITING, "risky": State.REFUSED}
STALE = timedelta(minutes=5)
"""A review that is still unchecked after this was left by a process that was killed, or by WeChat."""


@dataclass(frozen=True)
class Draft:
    """What a buyer writes."""

    order_number: str
    sku_id: int
    rating: int
    text: str
    image_keys: Sequence[str] = ()


def write(*, customer: Customer, draft: Draft) -> Review:
    """Review a line of one's order that was received; once.

    Raises 404 `not_received`, 409 `already_reviewed`, 400 for pictures that aren't one's own, 422 `content_refused`,
    503 `reviews_unavailable`. While WeChat can't be asked the review waits, unseen.
    """
    line = orders.received_line(user_id=customer.id, number=draft.order_number, sku_id=draft.sku_id)
    if line is None:
        raise ApiError(404, "not_received", "there is no such line in the orders that you have received")
    keys = tuple(dict.fromkeys(draft.image_keys))
    if set(keys) - uploads.owned(user_id=customer.id, keys=keys):
        raise invalid("image_keys", "must be keys of pictures that you uploaded")
    identifier = _identifier(draft)
    if store.find(identifier):
        raise _already()
    opinion = _opinion(customer.openid, draft.text)
    if opinion == "risky":
        raise ApiError(422, "content_refused", "this text can't be published", field="text")
    review = Review(
        id=identifier,
        order_number=draft.order_number,
        product_id=line.product_id,
        sku_id=draft.sku_id,
        user_id=customer.id,
        product_name=line.name,
        attributes=line.attributes,
        rating=draft.rating,
        text=draft.text,
        image_keys=keys,
        written_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        # Only what is published leaves this state, so that a sweep finds it if this process dies before.
        state=State.WAITING if opinion == "review" else State.CHECKING,
    )
    try:
        store.insert(review)
    except AlreadyReviewedError as error:
        raise _already() from error
    if opinion == "pass":
        return _move(review.id, State.SHOWN, only_from=State.CHECKING)
    if opinion is None:
        with transaction.atomic(using="default"):
            outbox.add(topic=CHECK, body={"review_id": review.id})
    return review


def _identifier(draft: Draft) -> str:
    """One for each line of an order, and public: it must not tell the order's number."""
    return hashlib.sha256(f"{draft.order_number}:{draft.sku_id}".encode()).hexdigest()[:32]


def _already() -> ApiError:
    return ApiError(409, "already_reviewed", "this line of the order has a review")


def _opinion(openid: str, text: str) -> str | None:
    """`pass`, `risky` or `review` (the staff has to look); None while WeChat doesn't say."""
    if not openid:
        return "review"
    try:
        return wechat.check_text(openid=openid, scene=Scene.COMMENT, text=text).suggest
    except (WechatUnavailableError, WechatError):
        return None


def check(*, review_id: str) -> None:
    """Ask WeChat about a review that waits for it. Raises what `wechat.api` raises while it can't be asked."""
    review = store.find(review_id)
    if review is None or review.state is not State.CHECKING:
        return
    openid = users.openid(review.user_id)
    suggest = "review"
    if openid:
        suggest = wechat.check_text(openid=openid, scene=Scene.COMMENT, text=review.text).suggest
    _move(review_id, _STATES[suggest], only_from=State.CHECKING)


def publish(*, review_id: str) -> Review:
    """Show a review, whatever it was before. Raises 404, 503. Repeating it completes what was cut off."""
    return _move(review_id, State.SHOWN)


def hide(*, review_id: str) -> Review:
    """Take a review away from the public; its author may not write another. Raises 404, 503."""
    return _move(review_id, State.HIDDEN)


def _move(review_id: str, state: State, *, only_from: State | None = None) -> Review:
    product_id = _existing(review_id).product_id
    with store.changing(product_id):
        review = _existing(review_id)
        if only_from and review.state is not only_from:
            return review
        # A page shows what is on the shelf and has the state SHOWN. It appears by the last step, and is gone with the
        # first: being killed in between never shows what must not be seen.
        if state is State.SHOWN:
            _shelve(product_id, store.shelf(product_id).put(review_id, review.rating))
            review = store.change(review, state=state)
        else:
            review = store.change(review, state=state)
            _shelve(product_id, store.shelf(product_id).take(review_id))
        pages.changed(product_id)
        return review


def _shelve(product_id: int, shelf: Shelf) -> None:
    store.save_shelf(product_id, shelf)
    ratings.changed(product_id, shelf.rating)
    with transaction.atomic(using="default"):
        outbox.add(topic=RATED, body={"product_id": product_id})


def reply(*, review_id: str, text: str) -> Review:
    """The shop's answer under a review, instead of an earlier one; empty to take it away. Raises 404, 503."""
    review = _existing(review_id)
    with store.changing(review.product_id):
        changed = store.change(review, reply=text)
        pages.changed(review.product_id)
        return changed


def _existing(review_id: str) -> Review:
    review = store.find(review_id)
    if review is None:
        raise ApiError(404, "not_found", "there is no such review")
    return review


def sweep(*, limit: int = 100) -> int:
    """Send reviews to the check that should have been there long ago; how many."""
    waiting = store.listed(state=State.CHECKING, skip=0, limit=limit)
    before = (datetime.now(UTC) - STALE).isoformat(timespec="milliseconds")
    stale = [review.id for review in waiting if review.written_at < before]
    with transaction.atomic(using="default"):
        for review_id in stale:
            outbox.add(topic=CHECK, body={"review_id": review_id})
    return len(stale)
