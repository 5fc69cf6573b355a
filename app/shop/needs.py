"""What each process group uses, and so which secrets it is given: what it does not need, it can't lose.

`roles/app` writes a file for each group from the same table; a test holds the two together.
"""

from enum import StrEnum

from shop.groups import ALL


class Part(StrEnum):
    """Something that the shop stands on, or speaks to."""

    MYSQL = "mysql"
    REDIS = "redis"
    RABBITMQ = "rabbitmq"
    MONGODB = "mongodb"
    S3 = "s3"
    WECHAT = "wechat"
    """The mini-program's own secret: logins, content checks, messages."""
    PAY = "pay"
    PUSH = "push"
    """What WeChat signs and encrypts pushed events with."""
    SESSIONS = "sessions"
    """Django's own key: the staff's sessions."""


_EVERY = (Part.MYSQL, Part.REDIS)
USES: dict[str, frozenset[Part]] = {
    # It listens to broadcasts of the queue; the others write into the outbox, which the worker sends.
    "catalogue": frozenset({*_EVERY, Part.RABBITMQ}),
    "trade": frozenset({*_EVERY, Part.PAY}),
    "user": frozenset({*_EVERY, Part.WECHAT}),
    "service": frozenset({*_EVERY, Part.MONGODB, Part.S3, Part.WECHAT, Part.PUSH}),
    "admin": frozenset({*_EVERY, Part.MONGODB, Part.S3, Part.SESSIONS}),
    "worker": frozenset(Part) - {Part.PUSH, Part.SESSIONS},
    ALL: frozenset(Part),
}
