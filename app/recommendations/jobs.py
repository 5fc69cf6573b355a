"""Works the recommendations out anew."""

from collections import deque
from datetime import timedelta

from django.utils import timezone

import outbox
from orders import selectors as orders
from recommendations import compute, store
from recommendations.compute import Basket

DAYS = 90
BASKETS = 50_000
"""The latest orders count, up to so many: about 20 MB, and a second of work."""
KEEP = 20


@outbox.every(seconds=600, lease_seconds=300)
def recompute() -> None:
    """Read the paid orders of the last `DAYS` and write what follows from them."""
    since = timezone.now() - timedelta(days=DAYS)
    found = orders.baskets(since=since)
    baskets = deque((Basket(user, tuple(products)) for user, products in found), maxlen=BASKETS)
    related = compute.together(baskets, keep=KEEP)
    best = compute.popular(baskets, keep=KEEP)
    users = compute.for_users(baskets, related=related, best=best, keep=KEEP)
    store.write({store.product_key(product): ids for product, ids in related.items()})
    store.write({store.user_key(user): ids for user, ids in users.items()})
    store.write({store.POPULAR: best})
