"""What each process group may do with the tables of logistics."""

_READ, _CHANGE = ("SELECT",), ("SELECT", "INSERT", "UPDATE")
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "trade": {
        "logistics_freightrule": _READ,
        "logistics_shipment": _READ,
        "logistics_trackingevent": _READ,
    },
    "worker": {"logistics_shipment": ("SELECT", "UPDATE"), "logistics_trackingevent": ("SELECT", "INSERT")},
    "admin": {
        "logistics_freightrule": ("SELECT", "INSERT", "UPDATE", "DELETE"),
        "logistics_shipment": _CHANGE,
        "logistics_trackingevent": _CHANGE,
    },
}
