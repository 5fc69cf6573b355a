"""What each process group uses, and so which secrets it is given: what it does not have, it can't lose.

`roles/app/vars/main.yml` repeats who is given which variable; a test holds the two together.
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


SECRETS: dict[Part, tuple[str, ...]] = {
    Part.MYSQL: ("MYSQL_USER", "MYSQL_PASSWORD"),
    Part.REDIS: ("REDIS_PASSWORD",),
    Part.RABBITMQ: ("RABBITMQ_USER", "RABBITMQ_PASSWORD"),
    Part.MONGODB: ("MONGODB_USER", "MONGODB_PASSWORD"),
    Part.S3: ("S3_ACCESS_KEY", "S3_SECRET_KEY"),
    Part.WECHAT: ("WECHAT_APP_SECRET",),
    Part.PAY: ("WECHAT_PRIVATE_KEY", "WECHAT_API_V3_KEY"),
    Part.PUSH: ("WECHAT_PUSH_TOKEN", "WECHAT_PUSH_AES_KEY"),
    Part.SESSIONS: ("DJANGO_SECRET_KEY",),
}
"""The variables that only those who use the part are given. All others are the same for everybody, and no secrets."""
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


def variables(group: str) -> tuple[str, ...]:
    """The secret variables that a group is given. Raises KeyError for a name that is none."""
    return tuple(name for part in Part if part in USES[group] for name in SECRETS[part])
