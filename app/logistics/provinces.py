"""Names of provinces: WeChat's address picker says 广东省, merchants and other sources say 广东."""

_SUFFIXES = ("壮族自治区", "回族自治区", "维吾尔自治区", "特别行政区", "自治区", "省", "市")


def canonical(name: str) -> str:
    """The short name: 广西壮族自治区 → 广西, 北京市 → 北京."""
    plain = name.strip()
    for suffix in _SUFFIXES:
        if plain.endswith(suffix) and len(plain) - len(suffix) >= 2:
            return plain.removesuffix(suffix)
    return plain
