"""What each process group needs of the payments."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "trade": {
        "payments_payment": ("SELECT", "INSERT", "UPDATE"),
        "payments_refund": ("SELECT", "INSERT", "UPDATE"),
        "payments_suspicion": ("SELECT", "INSERT"),
    },
    "worker": {
        "payments_payment": ("SELECT", "UPDATE"),
        "payments_refund": ("SELECT", "INSERT", "UPDATE"),
        "payments_suspicion": ("SELECT", "INSERT"),
        "payments_billcheck": ("SELECT", "INSERT", "UPDATE"),
    },
    "admin": {
        "payments_payment": ("SELECT", "UPDATE"),
        "payments_refund": ("SELECT", "INSERT", "UPDATE"),
        "payments_suspicion": ("SELECT",),
        "payments_billcheck": ("SELECT",),
    },
}
