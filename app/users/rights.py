"""What each process group may do with the tables of users.

Every group finds the holder of a token (`users.sessions.find`).
"""

_FIND: dict[str, tuple[str, ...]] = {"users_user": ("SELECT",), "users_session": ("SELECT",)}
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "user": {
        "users_user": ("SELECT", "INSERT", "UPDATE"),
        "users_session": ("SELECT", "INSERT", "UPDATE"),
        "users_address": ("SELECT", "INSERT", "UPDATE", "DELETE"),
    },
    "catalogue": _FIND,
    "trade": {**_FIND, "users_address": ("SELECT",)},
    "service": _FIND,
    "worker": {"users_user": ("SELECT",), "users_session": ("SELECT", "DELETE")},
    "admin": {
        "users_user": ("SELECT", "UPDATE"),
        "users_session": ("SELECT", "UPDATE"),
        "users_address": ("SELECT",),
    },
}
