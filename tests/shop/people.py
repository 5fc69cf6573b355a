"""Users with sessions, and the queue's work done at once."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module

import pytest
from django.test import Client
from django.utils import timezone

from tests.shop.sandbox import Wechat

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A user who has logged in; `name` is theirs in the sandbox."""

    id: int
    openid: str
    client: Client
    name: str = ""


def log_in(openid: str | None = None, *, nickname: str = "小明") -> Person:
    """A new user with a session. An empty `openid` is one who has registered by phone."""
    from users import sessions
    from users.models import User

    openid = f"o{next(_numbers):027d}" if openid is None else openid
    user = User.objects.create(openid=openid or None, nickname=nickname, created_at=timezone.now())
    token = sessions.open_session(user=user).token
    return Person(user.pk, openid, Client(headers={"Authorization": f"Bearer {token}"}))


def known(wechat: Wechat, *, nickname: str = "小明") -> Person:
    """A new user with a session, whom WeChat knows too."""
    name = f"person {next(_numbers)}"
    return replace(log_in(wechat.openid(name), nickname=nickname), name=name)


def work() -> list[str]:
    """Handle the messages that wait, as the worker does, delayed ones too; their topics."""
    from outbox.models import OutboxMessage
    from outbox.registry import HANDLERS

    done = []
    for message in OutboxMessage.objects.filter(sent_at=None, broadcast=False).order_by("id"):
        import_module(f"{message.topic.partition('.')[0]}.messages")
        HANDLERS[message.topic](message.body)
        OutboxMessage.objects.filter(pk=message.pk).update(sent_at=timezone.now())
        done.append(message.topic)
    return done


@pytest.fixture
def rested() -> Iterator[None]:
    """Breakers that a test opens are closed afterwards."""
    yield
    from reviews import ratings

    ratings._mongodb.close()
    ratings._redis.close()
