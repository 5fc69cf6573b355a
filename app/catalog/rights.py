"""What each process group needs of the catalogue's tables."""

_TABLES = ("category", "product", "sku", "productimage", "banner")
_READ: dict[str, tuple[str, ...]] = {f"catalog_{name}": ("SELECT",) for name in _TABLES}
_PRICES: dict[str, tuple[str, ...]] = {"catalog_product": ("SELECT",), "catalog_sku": ("SELECT",)}
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "catalogue": _READ,
    "trade": _PRICES,
    "service": _PRICES,
    "worker": _READ | {"catalog_product": ("SELECT", "UPDATE")},
    "admin": {f"catalog_{name}": ("SELECT", "INSERT", "UPDATE", "DELETE") for name in _TABLES},
}
