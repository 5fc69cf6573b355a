"""What WeChat pushes, and who takes it."""

from conversations import services
from conversations.services import Words
from core.errors import ApiError
from uploads import services as uploads
from wechat.push import Event, Handler, PushError


def _identifier(event: Event) -> str:
    identifier = event.text("MsgId")
    if not 0 < len(identifier) <= 32:
        raise PushError("the message has no id")
    return identifier


def text(event: Event) -> None:
    """Words in WeChat's own chat."""
    words = Words(text=event.text("Content")[: services.MAX_TEXT] or " ")
    services.received(openid=event.openid, wechat_id=_identifier(event), words=words, created=event.created)


def image(event: Event) -> None:
    """A picture in WeChat's own chat."""
    services.received(
        openid=event.openid,
        wechat_id=_identifier(event),
        words=Words(),
        created=event.created,
        media_id=event.text("MediaId"),
    )


def entered(event: Event) -> None:
    """A person opens the chat."""
    services.entered(openid=event.openid, created=event.created)


def checked(event: Event) -> None:
    """The content check's result for a picture; a doubtful one ("review") stays for the staff to decide."""
    result, trace_id = event.fields.get("result"), event.text("trace_id")
    suggest = result.get("suggest") if isinstance(result, dict) else None
    if not trace_id or suggest not in ("pass", "risky", "review"):
        raise PushError("the result of the check is not understood")
    if suggest != "review" and not uploads.answered(trace_id=trace_id, approved=suggest == "pass"):
        uploads.postpone_answer(trace_id=trace_id, approved=suggest == "pass")


HANDLERS: dict[str, Handler] = {
    "text": text,
    "image": image,
    "event/user_enter_tempsession": entered,
    "event/wxa_media_check": checked,
}


def refusal(error: PushError) -> ApiError:
    """How WeChat, or whoever pretends to be it, is told no."""
    return ApiError(403, "push_refused", str(error))
