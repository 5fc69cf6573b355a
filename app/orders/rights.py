"""What each process group needs of the orders."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "trade": {
        "orders_order": ("SELECT", "INSERT", "UPDATE"),
        "orders_orderline": ("SELECT", "INSERT"),
        "orders_orderevent": ("SELECT", "INSERT"),
    },
    "worker": {
        "orders_order": ("SELECT", "UPDATE"),
        "orders_orderline": ("SELECT",),
        "orders_orderevent": ("SELECT", "INSERT"),
    },
    # Reviews are written by those who have received the goods.
    "service": {"orders_order": ("SELECT",), "orders_orderline": ("SELECT",)},
    "admin": {
        "orders_order": ("SELECT", "UPDATE"),
        "orders_orderline": ("SELECT",),
        "orders_orderevent": ("SELECT", "INSERT"),
    },
}
