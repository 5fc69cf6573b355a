"""What buyers and merchants are told, as the page that they see and as the answer that the mini-program gets. Pure."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from string import Template
from typing import Any

from shopctl.clock import iso
from shopctl.errors import BadInputError

CODE = "maintenance"
"""In the API's answer: `{"error": {"code": "maintenance", ...}}`."""
DEFAULT_MESSAGE = "店铺正在维护，请稍后再来。"
LONGEST_MESSAGE = 200
LONGEST_SECONDS = 7 * 24 * 3600.0
# The shop's buyers are in one time zone, wherever the operator sits.
_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Notice:
    """One maintenance: the words for it, when it began and when it is said to end (seconds since the epoch)."""

    message: str
    since: float
    until: float | None = None

    def same_as(self, other: Notice | None) -> bool:
        """Whether people see the same; when it began, they don't."""
        return other is not None and (self.message, self.until) == (other.message, other.until)

    def answer(self) -> str:
        """The API's answer, and the record on each host. JSON."""
        until = None if self.until is None else iso(self.until)
        body = {
            "error": {"code": CODE, "message": self.message},
            "maintenance": {"since": iso(self.since), "until": until},
        }
        return json.dumps(body, ensure_ascii=False) + "\n"

    def page(self, template: str) -> str:
        """The page. `template` has $message and $ending."""
        ending = "" if self.until is None else f"预计 {_clock(self.until, self.since)} 恢复"
        return Template(template).substitute(message=html.escape(self.message), ending=html.escape(ending))

    @property
    def retry_at(self) -> int:
        """The time that a client is told to come again at, as the files' own time; 0 where nobody knows it.

        Nginx makes the header Retry-After of it.
        """
        return 0 if self.until is None else int(self.until)


def read(answer: str) -> Notice | None:
    """What `answer` made; None for anything else."""
    try:
        body = json.loads(answer)
        if body["error"]["code"] != CODE:
            return None
        until = body["maintenance"]["until"]
        return Notice(
            str(body["error"]["message"]),
            _seconds(body["maintenance"]["since"]),
            None if until is None else _seconds(until),
        )
    except (ValueError, KeyError, TypeError):
        return None


def is_answer(status: int, body: bytes) -> bool:
    """Whether this is how the shop says that it is being maintained."""
    try:
        error: Any = json.loads(body)["error"]
        return status == 503 and error["code"] == CODE
    except (ValueError, KeyError, TypeError):
        return False


def announce(message: str | None, seconds: float | None, *, now: float) -> Notice:
    """A notice of what an operator said. Raises BadInputError for words or a time that can't be shown."""
    words = DEFAULT_MESSAGE if message is None else message.strip()
    if not words or len(words) > LONGEST_MESSAGE or not words.isprintable():
        raise BadInputError(
            f"the message is one line of 1 to {LONGEST_MESSAGE} characters",
            next_step="leave --message out for the words that every shop has",
        )
    if seconds is not None and not 60 <= seconds <= LONGEST_SECONDS:
        raise BadInputError("--for says from one minute to seven days", next_step="for example: --for 30m")
    # Whole minutes are what people read; and the file's own time has no more than seconds.
    until = None if seconds is None else float(-(-(now + seconds) // 60) * 60)
    return Notice(words, float(int(now)), until)


def _seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def _clock(until: float, since: float) -> str:
    """The time of day, with the date where it is another than that of the beginning."""
    end, begin = (datetime.fromtimestamp(at, _BEIJING) for at in (until, since))
    day = "" if end.date() == begin.date() else f"{end.month}月{end.day}日 "
    return f"{day}{end:%H:%M}"
