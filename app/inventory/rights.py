"""What each process group needs of the stock."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "catalogue": {"inventory_stock": ("SELECT",)},
    "trade": {"inventory_stock": ("SELECT", "UPDATE")},
    "worker": {"inventory_stock": ("SELECT", "UPDATE")},
    "admin": {"inventory_stock": ("SELECT", "INSERT", "UPDATE")},
}
