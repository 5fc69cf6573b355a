"""The catalogue's cache: what its answers depend on."""

from core.cache import Cache

cache = Cache("catalogue")
SHELVES = "shelves"
"""Categories and banners."""
LISTS = "lists"
"""Everything that has cards of several products."""


def product_tag(product_id: int) -> str:
    """One product's own page."""
    return f"product:{product_id}"
