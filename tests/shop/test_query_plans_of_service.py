"""With many pictures and long talks, what is asked of them in requests and jobs reads no table from end to end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from conversations import selectors as conversations
from conversations import services as talks
from conversations.models import Conversation, Message
from conversations.services import Words
from core.identity import Customer
from tests.shop import test_query_plans_of_trade as plans
from tests.shop.conftest import Shop
from uploads import jobs, services
from uploads import selectors as uploads
from uploads.models import Upload

MANY = 3_000
LARGE = (Upload, Conversation, Message)


@pytest.fixture
def crowd(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> int:
    """Many pictures and talks, one of them long; its user's id."""
    now = timezone.now()
    old = now - timedelta(days=9)
    Upload.objects.bulk_create(
        Upload(key=f"u/{n}.jpg", user_id=n, state="approved", trace_id=f"t{n}", created_at=old)
        for n in range(MANY)
    )
    Conversation.objects.bulk_create(
        Conversation(user_id=n + 1, openid=f"o{n + 1}", last_at=old) for n in range(MANY)
    )
    talk = Conversation.objects.get(user_id=7)
    for number in (talk.pk, talk.pk + 1):
        Message.objects.bulk_create(
            Message(
                conversation_id=number,
                sender="customer",
                kind="text",
                text="a",
                at=old,
                wechat_id=f"{number}-{n}",
            )
            for n in range(MANY)
        )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(model._meta.db_table for model in LARGE)}")
    monkeypatch.setattr(plans, "LARGE", LARGE)
    return 7


def test_no_query_reads_a_table_from_end_to_end(crowd: int) -> None:
    talk = Conversation.objects.get(user_id=crowd)
    customer = Customer(crowd, "")
    middle = Message.objects.filter(conversation=talk).order_by("id")[MANY // 2].pk
    asked: list[Callable[[], object]] = [
        lambda: uploads.approved(["u/1.jpg", "u/2.jpg"]),
        lambda: uploads.states(["u/1.jpg"]),
        lambda: uploads.owned(user_id=3, keys=["u/3.jpg"]),
        lambda: services._limit(3),
        lambda: services.answered(trace_id="t5", approved=True),
        jobs.ask_again,
        lambda: conversations.of_user(crowd),
        lambda: conversations.after(conversation_id=talk.pk, message_id=middle),
        lambda: conversations.latest(conversation_id=talk.pk),
        lambda: talks.write(customer=customer, words=Words(text="在吗")),
        lambda: talks.received(openid=f"o{crowd}", wechat_id="new", words=Words(text="a"), created=1),
        lambda: talks.read(conversation_id=talk.pk, up_to=middle),
        conversations.unread_talks,
    ]
    assert [step for act in asked for step in plans.scans(act)] == []
