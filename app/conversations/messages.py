"""Messages about talks: answers for WeChat's own chat, and pictures from there."""

from typing import Any

from django.conf import settings
from django.utils import timezone

import outbox
from conversations import selectors, services, window
from conversations.models import Message
from core.drivers import storage
from core.errors import ApiError
from uploads import services as uploads
from wechat import api as wechat
from wechat import media
from wechat.errors import WechatError

_Delivery = Message.Delivery
PAGE = "pages/service/index"
"""The mini-program's page of the talk."""


def _message(identifier: int) -> Message | None:
    found = Message.objects.using("default").select_related("conversation").filter(pk=identifier)
    return found.first()


@outbox.handles(services.DELIVER)
def deliver(body: dict[str, Any]) -> None:
    """Push an answer to WeChat while its window is open.

    WeChat has no key for repetitions: a worker that is killed between the push and its note pushes twice.
    """
    message = _message(body["message_id"])
    if message is None or message.delivery != _Delivery.WAITING:
        return
    services.delivered(message=message, delivery=_push(message))


def _push(message: Message) -> str:
    talk = message.conversation
    if not talk.openid:
        return _Delivery.CLOSED
    if not window.may_answer(selectors.contact(talk), timezone.now()):
        return _notify(talk.openid, message)
    try:
        if message.kind == Message.Kind.TEXT:
            wechat.send_customer_text(openid=talk.openid, text=message.text)
        else:
            content = storage.get(settings.SHOP.storage.media_bucket, message.image_key)
            media_id = wechat.upload_image(name="image.jpg", content=content, content_type="image/jpeg")
            wechat.send_customer_image(openid=talk.openid, media_id=media_id)
    except WechatError as error:
        return _notify(talk.openid, message) if error.code == "window_closed" else _Delivery.FAILED
    return _Delivery.SENT


def _notify(openid: str, message: Message) -> str:
    """Tell of the answer by a subscription message, if the shop has one and the customer wanted it."""
    template_id = settings.SHOP.wechat.reply_template
    if not template_id:
        return _Delivery.CLOSED
    # WeChat takes 20 characters in one line.
    text = " ".join(message.text.split())[:20] or "[图片]"
    data = {"thing1": text, "time2": timezone.localtime(message.at).strftime("%Y-%m-%d %H:%M")}
    try:
        wechat.send_subscription(openid=openid, template_id=template_id, page=PAGE, data=data)
    except WechatError as error:
        return _Delivery.CLOSED if error.code == "no_consent" else _Delivery.FAILED
    return _Delivery.NOTIFIED


@outbox.handles(services.FETCH)
def fetch(body: dict[str, Any]) -> None:
    """Get the picture that a person sent in WeChat's own chat, and treat it as any upload.

    Raises Unprocessable for one that WeChat has no more, or that is no picture.
    """
    message = _message(body["message_id"])
    if message is None or message.image_key:
        return
    try:
        content = media.download(media_id=body["media_id"])
        upload = uploads.accept(user_id=message.conversation.user_id, content=content)
    except ApiError as error:
        if error.status in (429, 503) and error.code != "wechat_refused":
            raise
        raise outbox.Unprocessable(error.message) from error
    services.attach(message_id=message.pk, image_key=upload.key)
