"""Reading talks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from conversations import window
from conversations.models import Conversation, Message
from uploads import selectors as uploads
from uploads.models import Upload

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A message as somebody is shown it. `image_state` is the upload's; a refused picture has no address."""

    id: int
    sender: str
    kind: str
    text: str
    image_url: str
    image_state: str
    at: datetime
    staff: str
    delivery: str


def contact(conversation: Conversation) -> window.Contact:
    """What WeChat's window depends on."""
    return window.Contact(conversation.wrote_at, conversation.entered_at, conversation.pushed)


def of_user(user_id: int) -> Conversation | None:
    """The user's talk, if there is one."""
    return Conversation.objects.using("default").filter(user_id=user_id).first()


def after(*, conversation_id: int, message_id: int) -> list[Line]:
    """The messages that follow one, oldest first, at most `PAGE`."""
    found = Message.objects.using("default").filter(conversation_id=conversation_id, pk__gt=message_id)
    return lines(found.order_by("pk")[:PAGE])


def latest(*, conversation_id: int, limit: int = PAGE) -> list[Line]:
    """The last messages, oldest first."""
    found = Message.objects.using("default").filter(conversation_id=conversation_id)
    return lines(list(found.order_by("-pk")[:limit])[::-1])


def lines(messages: Iterable[Message]) -> list[Line]:
    """Messages with the addresses of their pictures, by one query."""
    messages = list(messages)
    states = uploads.states(message.image_key for message in messages)
    return [_line(message, states.get(message.image_key, "")) for message in messages]


def _line(message: Message, state: str) -> Line:
    shown = message.image_key if state in (Upload.State.APPROVED, Upload.State.CHECKING) else ""
    return Line(
        message.pk,
        message.sender,
        message.kind,
        message.text,
        uploads.url(shown),
        state,
        message.at,
        message.staff,
        message.get_delivery_display(),
    )


def unread_talks() -> int:
    """How many talks have something that no member of the staff has seen."""
    return Conversation.objects.using("default").filter(unread__gt=0).count()
