"""Pictures of the demo products, drawn by code so that none needs to be kept."""

import hashlib
from html import escape

# Paper, shape and ink; pairs with enough contrast for the writing.
_PALETTES = [
    ("#fdf0e3", "#f2b880", "#7a3b0c"),
    ("#e8f3ec", "#9cc9a9", "#1d4b2c"),
    ("#e9eef8", "#a7bde6", "#20345f"),
    ("#f8e9ee", "#e3a5b8", "#6a1f38"),
    ("#f2eef9", "#c3b1e1", "#3f2b66"),
    ("#eef5f6", "#9fcfd4", "#174a50"),
]


def svg(*, sku: str, name: str) -> bytes:
    """The same picture for the same product, every time."""
    digest = hashlib.sha256(sku.encode()).digest()
    paper, shape, ink = _PALETTES[digest[0] % len(_PALETTES)]
    x, y, radius = 150 + digest[1] % 300, 140 + digest[2] % 160, 110 + digest[3] % 80
    turn = digest[4] % 90
    half = (len(name) + 1) // 2
    lines = [name] if len(name) <= 6 else [name[:half], name[half:]]
    size = min(88, 520 // max(len(line) for line in lines))
    first = 400 - (len(lines) - 1) * size * 6 // 10
    written = "".join(
        f'<text x="300" y="{first + number * size * 12 // 10}" font-size="{size}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">'
        f"<title>{escape(name)}</title>"
        f'<rect width="600" height="600" fill="{paper}"/>'
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{shape}"/>'
        f'<rect x="60" y="300" width="480" height="220" rx="28" fill="{shape}" opacity=".45" '
        f'transform="rotate({turn / 15 - 3:.1f} 300 410)"/>'
        f'<g fill="{ink}" text-anchor="middle" font-weight="700" dominant-baseline="central" '
        f"font-family=\"'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Zen Hei',sans-serif\">"
        f"{written}</g></svg>\n"
    ).encode()
