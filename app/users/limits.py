"""How often somebody may try to log in. Generous, as a carrier puts thousands of phones behind one address."""

import logging

from django.http import HttpRequest

from core.breaker import Breaker
from core.drivers import redis
from core.errors import ApiError
from core.identity import guest_key

log = logging.getLogger("shop.users")
WINDOW_SECONDS = 60
PER_ADDRESS = 3_000
PER_GUEST = 30
_breaker = Breaker(5)


def check_login(request: HttpRequest) -> None:
    """Count an attempt. Raises 429 `rate_limited`. Without Redis nobody is refused: WeChat has limits of its own."""
    if not _breaker.closed():
        return
    address = request.headers.get("X-Real-IP") or request.META.get("REMOTE_ADDR", "")
    guest = guest_key(request)
    limits = {f"login:{address[:45]}": PER_ADDRESS, **({f"login:{guest}": PER_GUEST} if guest else {})}
    try:
        with redis.client().pipeline(transaction=True) as pipeline:
            for name in limits:
                pipeline.set(name, 0, nx=True, ex=WINDOW_SECONDS)
                pipeline.incr(name)
            counts = pipeline.execute()[1::2]
    except redis.UNAVAILABLE as error:
        _breaker.open()
        log.warning("logins are not counted: %s", error)
        return
    if any(count > limit for count, limit in zip(counts, limits.values(), strict=True)):
        raise ApiError(429, "rate_limited", "too many logins, please wait a minute")
