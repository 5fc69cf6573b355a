"""When WeChat lets the shop answer in its chat.

A message of the customer opens a window of 48 hours for 5 answers; entering the chat alone opens one of a minute for 2.
Source: developers.weixin.qq.com, "客服消息使用指南", "下发条件说明". Newer actions replace older windows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

WROTE = timedelta(hours=48)
WROTE_ANSWERS = 5
ENTERED = timedelta(minutes=1)
ENTERED_ANSWERS = 2


@dataclass(frozen=True)
class Contact:
    """What the customer did in WeChat's chat, and how many answers were pushed since the last of it."""

    wrote_at: datetime | None
    entered_at: datetime | None
    answers: int


def open_until(contact: Contact, now: datetime) -> datetime | None:
    """Until when one more answer may be pushed; None when none may."""
    ends = []
    if contact.wrote_at and contact.answers < WROTE_ANSWERS:
        ends.append(contact.wrote_at + WROTE)
    if contact.entered_at and contact.answers < ENTERED_ANSWERS:
        ends.append(contact.entered_at + ENTERED)
    return max((end for end in ends if now < end), default=None)


def may_answer(contact: Contact, now: datetime) -> bool:
    """Whether one more answer may be pushed now."""
    return open_until(contact, now) is not None
