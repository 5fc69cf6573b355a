"""The customer's talk with the staff, and the address that WeChat pushes to."""

import time
from datetime import datetime
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, model_validator

from conversations import events, selectors, services, window
from conversations.selectors import Line
from conversations.services import Words
from core.fields import LARGEST_ID, Body, Text
from core.fields import Line as OneLine
from core.identity import user
from core.routes import REFUSALS
from wechat import push
from wechat.crypt import Crypt

router = Router()


class MessageOut(Schema):
    """One message; `image_url` is empty for a text, and for a picture that was refused or isn't fetched yet."""

    id: int
    sender: Literal["customer", "staff"] = Field(serialization_alias="from")
    kind: Literal["text", "image"]
    text: str
    image_url: str
    at: datetime


class MessagesOut(Schema):
    """Messages, oldest first. Until `open_until` answers reach WeChat's own chat too; null when the window is shut."""

    items: list[MessageOut]
    open_until: datetime | None


class MessageIn(Body):
    """A text, or a picture that was uploaded before."""

    kind: Literal["text", "image"]
    text: Annotated[str, Text(services.MAX_TEXT)] | None = None
    image_key: Annotated[str, OneLine(64)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> "MessageIn":
        wanted, other = (self.text, self.image_key) if self.kind == "text" else (self.image_key, self.text)
        if not wanted or other:
            raise ValueError("a text message has text, an image message has image_key, and nothing else")
        return self


def _out(line: Line) -> MessageOut:
    return MessageOut(
        id=line.id, sender=line.sender, kind=line.kind, text=line.text, image_url=line.image_url, at=line.at
    )


def _talk(user_id: int, after: int | None) -> MessagesOut:
    talk = selectors.of_user(user_id)
    if talk is None:
        return MessagesOut(items=[], open_until=None)
    if after is None:
        found = selectors.latest(conversation_id=talk.pk)
    else:
        found = selectors.after(conversation_id=talk.pk, message_id=after)
    until = window.open_until(selectors.contact(talk), timezone.now())
    return MessagesOut(items=[_out(line) for line in found], open_until=until)


_Answer = {200: MessagesOut, **REFUSALS}


@router.get("/conversation", auth=user, response=_Answer, by_alias=True, summary="The talk's last messages")
def conversation(request: HttpRequest) -> MessagesOut:
    """The last 50 messages of the user's talk with the staff."""
    return _talk(request.auth.id, None)  # type: ignore[attr-defined]


@router.get(
    "/conversation/messages", auth=user, response=_Answer, by_alias=True, summary="The talk's next messages"
)
def messages(request: HttpRequest, after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0) -> MessagesOut:
    """The messages that follow the one whose id is `after`, at most 50: ask again with the last one's id."""
    return _talk(request.auth.id, after)  # type: ignore[attr-defined]


@router.post(
    "/conversation/messages",
    auth=user,
    response={201: MessageOut, **REFUSALS},
    by_alias=True,
    summary="Write",
)
def write(request: HttpRequest, body: MessageIn) -> Status[MessageOut]:
    """Write to the staff."""
    words = Words(text=body.text or "", image_key=body.image_key or "")
    message = services.write(customer=request.auth, words=words)  # type: ignore[attr-defined]
    return Status(201, _out(selectors.lines([message])[0]))


@router.get("/wechat/push", include_in_schema=False)
def verify(request: HttpRequest) -> HttpResponse:
    """WeChat's console verifies the address."""
    try:
        echo = push.verify_address(settings.SHOP.push.token, request.GET)
    except push.PushError as error:
        raise events.refusal(error) from error
    return HttpResponse(echo, content_type="text/plain; charset=utf-8")


@router.post("/wechat/push", include_in_schema=False)
def pushed(request: HttpRequest) -> HttpResponse:
    """Something happened at WeChat."""
    shop = settings.SHOP.push
    try:
        event = push.open_envelope(
            push.Envelope(request.GET.dict(), request.body),
            token=shop.token,
            crypt=Crypt(shop.app_id, shop.aes_key),
            now=time.time(),
            plain_too=shop.plain,
        )
        push.dispatch(event, events.HANDLERS)
    except push.PushError as error:
        raise events.refusal(error) from error
    return HttpResponse("success", content_type="text/plain")
