"""What each process group needs of the outbox's tables. Every group writes messages, and its metrics read them."""

_WRITE: dict[str, tuple[str, ...]] = {"outbox_outboxmessage": ("SELECT", "INSERT")}
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "catalogue": _WRITE,
    "trade": _WRITE,
    "user": _WRITE,
    "service": _WRITE,
    "admin": _WRITE,
    "worker": {
        "outbox_outboxmessage": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "outbox_jobrun": ("SELECT", "INSERT", "UPDATE"),
    },
}
