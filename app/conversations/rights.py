"""What each process group may do with the talks' tables."""

_TALK: dict[str, tuple[str, ...]] = {
    "conversations_conversation": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    "conversations_message": ("SELECT", "INSERT", "UPDATE"),
}
_ANSWER: dict[str, tuple[str, ...]] = {
    "conversations_conversation": ("SELECT", "UPDATE"),
    "conversations_message": ("SELECT", "INSERT", "UPDATE"),
}
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "service": _TALK,
    "worker": _ANSWER,
    "admin": _ANSWER,
}
