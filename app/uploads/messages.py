"""Messages about uploads."""

from typing import Any

import outbox
from uploads import selectors, services
from uploads.models import Upload
from users import selectors as users
from wechat import api as wechat
from wechat.api import Scene

_TRIES = 5


@outbox.handles(services.CHECK)
def check(body: dict[str, Any]) -> None:
    """Ask WeChat about a picture. Asking twice is harmless: the last answer's name counts.

    Without an openid WeChat can't be asked; such pictures wait for a member of the staff.
    """
    upload = Upload.objects.using("default").filter(key=body["key"]).first()
    if upload is None or upload.state != Upload.State.CHECKING or upload.user_id is None:
        return
    openid = users.openid(upload.user_id)
    if openid:
        trace_id = wechat.check_image(openid=openid, scene=Scene.COMMENT, url=selectors.url(upload.key))
        services.asked(key=upload.key, trace_id=trace_id)


@outbox.handles(services.RESULT)
def result(body: dict[str, Any]) -> None:
    """WeChat's answer came before its name was stored: try until it is, for a short while."""
    known = services.answered(trace_id=body["trace_id"], approved=body["approved"])
    if not known and body["tries"] < _TRIES:
        services.postpone_answer(
            trace_id=body["trace_id"], approved=body["approved"], tries=body["tries"] + 1
        )
