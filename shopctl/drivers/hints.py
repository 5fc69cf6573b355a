"""What a failure's own words mean for the operator, and the way on. Pure."""

from __future__ import annotations

import errno
import re
import signal
from dataclasses import dataclass

AGAIN = "run the same command again: it goes on from what is there"


@dataclass(frozen=True)
class Hint:
    """What happened, in one line, and what to do."""

    what: str
    next_step: str


DISK_FULL = Hint("the disk is full", f"free some space (`df -h` shows where there is none), then {AGAIN}")

_WORDS: tuple[tuple[str, Hint], ...] = (
    (r"no space left on device|disk quota exceeded", DISK_FULL),
    (
        r"incorrect passphrase|decryption failed: incorrect|passphrase must be set",
        Hint(
            "the passphrase does not open the stack's secrets",
            "put the passphrase that the stack was made with into the state folder's `passphrase` file (mode 0600)",
        ),
    ),
    (
        r"the stack is currently locked",
        Hint("another engine works on the stack", f"wait until it is done, then {AGAIN}"),
    ),
    (
        r"failed to load checkpoint|could not deserialize deployment|unexpected end of JSON input",
        Hint(
            "the stack's state is damaged",
            "put back the newest good copy from .pulumi/backups beside it, and let `shopctl refresh` look at the rest",
        ),
    ),
    (
        r"cannot allocate memory|out of memory",
        Hint(
            "there is not enough memory", f"end something else (`free -m` shows what there is), then {AGAIN}"
        ),
    ),
    (
        r"AuthFailure|InvalidCredential|SecretId is not found|SignatureFailure",
        Hint(
            "the cloud does not accept the keys",
            "check TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, and this machine's clock",
        ),
    ),
)


def of_words(text: str) -> Hint | None:
    """The hint for an output, or None when nothing in it is known."""
    return next((hint for words, hint in _WORDS if re.search(words, text, re.IGNORECASE)), None)


def of_signal(program: str, code: int) -> Hint | None:
    """The hint for a program that a signal ended (`code` is negative), or None when it ended by itself."""
    if code >= 0:
        return None
    name = signal.Signals(-code).name if -code in {s.value for s in signal.Signals} else f"signal {-code}"
    why = "; the kernel does that when memory runs out" if -code == signal.SIGKILL else ""
    return Hint(f"{program} was ended by {name}{why}", f"`dmesg | tail` may say why; {AGAIN}")


def of_os_error(error: OSError) -> Hint | None:
    """The hint for what the system refused."""
    return DISK_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else None
