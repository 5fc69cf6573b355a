"""What each process group may do with the cart's tables: it has none, carts are in Redis."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {}
