"""Writing in talks. Each change locks the talk's row, so that its messages' ids grow in the order of their commits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from conversations import selectors, window
from conversations.models import Conversation, Message
from core.errors import ApiError, invalid
from core.identity import Customer
from outbox import services as outbox
from uploads import selectors as uploads
from users import selectors as users
from wechat import api as wechat
from wechat.api import Scene
from wechat.errors import WechatError, WechatUnavailableError

DELIVER = "conversations.deliver"
FETCH = "conversations.fetch"
MAX_TEXT = 1000
PER_MINUTE = 20
_Sender, _Kind, _Delivery = Message.Sender, Message.Kind, Message.Delivery


@dataclass(frozen=True)
class Words:
    """What somebody writes: a text, or the key of an uploaded picture."""

    text: str = ""
    image_key: str = ""


def _talk_of(*, user_id: int | None, openid: str) -> Conversation:
    """The talk, made if need be. A stranger's in WeChat becomes the user's when they turn out to be the same."""
    talks = Conversation.objects.using("default")
    if user_id is None:
        return talks.get_or_create(openid=openid, defaults={"last_at": timezone.now()})[0]
    found = talks.filter(user_id=user_id).first()
    if found is None and openid and talks.filter(openid=openid, user_id=None).update(user_id=user_id):
        found = talks.get(openid=openid)
    if found is None:
        defaults = {"openid": openid or None, "last_at": timezone.now()}
        found = talks.get_or_create(user_id=user_id, defaults=defaults)[0]
    if openid and found.openid != openid:
        _join(found, openid)
    return found


def _join(talk: Conversation, openid: str) -> None:
    # The user registered by phone, talked, and wrote in WeChat's chat as a stranger before the two were known as one.
    with transaction.atomic(using="default"):
        strangers = Conversation.objects.using("default").filter(openid=openid).exclude(pk=talk.pk)
        for stranger in strangers.select_for_update():
            Message.objects.using("default").filter(conversation=stranger).update(conversation=talk)
            talk.wrote_at, talk.entered_at, talk.pushed = (
                stranger.wrote_at,
                stranger.entered_at,
                stranger.pushed,
            )
            talk.unread += stranger.unread
            stranger.delete()
        talk.openid = openid
        talk.save(using="default", update_fields=["openid", "wrote_at", "entered_at", "pushed", "unread"])


def write(*, customer: Customer, words: Words) -> Message:
    """A customer writes in the mini-program.

    Raises 422 `content_refused`, 429 `too_many_messages`, and 400 for a picture that isn't their own. While WeChat
    can't be asked a text is accepted all the same: nobody but the staff reads it.
    """
    if words.image_key and not uploads.owned(user_id=customer.id, keys=[words.image_key]):
        raise invalid("image_key", "must be the key of a picture that you uploaded")
    talk = _talk_of(user_id=customer.id, openid=customer.openid)
    _pace(talk)
    if words.text and customer.openid:
        _check(customer.openid, words.text)
    with transaction.atomic(using="default"):
        return _add(talk.pk, sender=_Sender.CUSTOMER, words=words, at=timezone.now())


def _pace(talk: Conversation) -> None:
    since = timezone.now() - timedelta(minutes=1)
    recent = Message.objects.using("default").filter(conversation=talk, sender=_Sender.CUSTOMER, at__gt=since)
    if recent.count() >= PER_MINUTE:
        raise ApiError(429, "too_many_messages", f"at most {PER_MINUTE} messages a minute")


def _check(openid: str, text: str) -> None:
    try:
        opinion = wechat.check_text(openid=openid, scene=Scene.SOCIAL, text=text)
    except (WechatUnavailableError, WechatError):
        return
    if opinion.suggest == "risky":
        raise ApiError(422, "content_refused", "this text can't be sent", field="text")


def _add(talk_id: int, *, sender: str, words: Words, at: datetime, **more: str | None) -> Message:
    talk = Conversation.objects.using("default").select_for_update().get(pk=talk_id)
    message = Message.objects.using("default").create(
        conversation=talk,
        sender=sender,
        kind=_Kind.IMAGE if words.image_key or not words.text else _Kind.TEXT,
        text=words.text,
        image_key=words.image_key,
        at=at,
        **more,
    )
    talk.last_at, talk.last_text = at, words.text[:80] or "[图片]"
    talk.unread += sender == _Sender.CUSTOMER
    talk.save(using="default", update_fields=["last_at", "last_text", "unread"])
    return message


def received(*, openid: str, wechat_id: str, words: Words, created: int, media_id: str = "") -> bool:
    """A person writes in WeChat's own chat; False when this message is here already.

    A picture is at WeChat's: it is fetched afterwards, and the message is without one until then.
    """
    talk = _talk_of(user_id=users.by_openid(openid), openid=openid)
    at = datetime.fromtimestamp(created, UTC)
    try:
        with transaction.atomic(using="default"):
            message = _add(talk.pk, sender=_Sender.CUSTOMER, words=words, at=at, wechat_id=wechat_id)
            # Pushed messages come in any order, and the newest opens the window.
            opened = Conversation.objects.using("default").filter(pk=talk.pk)
            opened.filter(Q(wrote_at=None) | Q(wrote_at__lte=at)).update(wrote_at=at, pushed=0)
            if media_id:
                outbox.add(topic=FETCH, body={"message_id": message.pk, "media_id": media_id})
    except IntegrityError:
        if Message.objects.using("default").filter(wechat_id=wechat_id).exists():
            return False
        raise
    return True


def entered(*, openid: str, created: int) -> None:
    """A person opens WeChat's own chat."""
    talk = _talk_of(user_id=users.by_openid(openid), openid=openid)
    at = datetime.fromtimestamp(created, UTC)
    with transaction.atomic(using="default"):
        talk = Conversation.objects.using("default").select_for_update().get(pk=talk.pk)
        if talk.entered_at is None or talk.entered_at < at:
            # Entering opens a window of its own only when there isn't a longer one.
            if not window.may_answer(selectors.contact(talk), at):
                talk.pushed = 0
            talk.entered_at = at
            talk.save(using="default", update_fields=["entered_at", "pushed"])


def answer(*, conversation_id: int, staff: str, words: Words) -> Message:
    """A member of the staff answers. It is there for the mini-program at once, and goes to WeChat by the queue."""
    with transaction.atomic(using="default"):
        message = _add(
            conversation_id,
            sender=_Sender.STAFF,
            words=words,
            at=timezone.now(),
            staff=staff,
            delivery=_Delivery.WAITING,
        )
        outbox.add(topic=DELIVER, body={"message_id": message.pk})
    return message


def read(*, conversation_id: int, up_to: int) -> None:
    """A member of the staff has seen the messages up to an id."""
    with transaction.atomic(using="default"):
        talk = Conversation.objects.using("default").select_for_update().get(pk=conversation_id)
        unseen = Message.objects.using("default").filter(
            conversation=talk, pk__gt=up_to, sender=_Sender.CUSTOMER
        )
        talk.read_id, talk.unread = max(talk.read_id, up_to), unseen.count()
        talk.save(using="default", update_fields=["read_id", "unread"])


def delivered(*, message: Message, delivery: str) -> None:
    """Remember what became of an answer in WeChat."""
    Message.objects.using("default").filter(pk=message.pk).update(delivery=delivery)
    if delivery == _Delivery.SENT:
        talk = Conversation.objects.using("default").filter(pk=message.conversation_id)
        talk.update(pushed=F("pushed") + 1)


def attach(*, message_id: int, image_key: str) -> None:
    """The picture of a message was fetched."""
    Message.objects.using("default").filter(pk=message_id, image_key="").update(image_key=image_key)
