"""Reviews have no tables: they are in MongoDB."""

RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {}
