"""What all drawings share: colours, light, the paper they stand on. Everything is 600 by 600."""

from html import escape

FONT = "'PingFang SC','Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei',sans-serif"


def mix(one: str, other: str, part: float) -> str:
    """A colour between two (`#rrggbb`); `part` 0 is the first."""
    pairs = zip((1, 3, 5), (1, 3, 5), strict=True)
    values = [int(one[a : a + 2], 16) * (1 - part) + int(other[b : b + 2], 16) * part for a, b in pairs]
    return "#" + "".join(f"{round(value):02x}" for value in values)


def light(color: str, part: float) -> str:
    """Towards white."""
    return mix(color, "#ffffff", part)


def dark(color: str, part: float) -> str:
    """Towards a warm black, as black itself looks dirty."""
    return mix(color, "#1b1620", part)


def box(x: float, y: float, w: float, h: float, r: float, fill: str, more: str = "") -> str:
    """A rectangle with round corners."""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r:g}" fill="{fill}" {more}/>'


def disc(x: float, y: float, rx: float, fill: str, ry: float | None = None, more: str = "") -> str:
    """An ellipse."""
    return (
        f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{rx if ry is None else ry:g}" fill="{fill}" {more}/>'
    )


def path(d: str, fill: str, more: str = "") -> str:
    """A filled shape."""
    return f'<path d="{d}" fill="{fill}" {more}/>'


def line(d: str, stroke: str, width: float, more: str = "") -> str:
    """A stroke with round ends."""
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {ends} {more}/>'


def group(content: str, transform: str) -> str:
    """Moved, turned or scaled."""
    return f'<g transform="{transform}">{content}</g>'


def shadow(x: float, y: float, rx: float, ry: float = 18, opacity: float = 0.22) -> str:
    """What a thing throws on the floor."""
    return disc(x, y, rx, "#2a2230", ry, f'opacity="{opacity:g}" filter="url(#blur)"')


def text(x: float, y: float, size: float, fill: str, words: str, more: str = "") -> str:
    """A line of writing around a middle."""
    style = f'font-family="{FONT}" font-size="{size:g}" fill="{fill}" text-anchor="middle"'
    return f'<text x="{x:g}" y="{y:g}" {style} {more}>{escape(words)}</text>'


def _defs(color: str, paper: str) -> str:
    def gradient(name: str, direction: str, *stops: tuple[float, str, float]) -> str:
        inside = "".join(
            f'<stop offset="{at:g}" stop-color="{shade}" stop-opacity="{opacity:g}"/>'
            for at, shade, opacity in stops
        )
        return f'<linearGradient id="{name}" {direction}>{inside}</linearGradient>'

    across, down, slant = 'x2="1" y2="0"', 'x2="0" y2="1"', 'x2="1" y2="1"'
    return (
        "<defs>"
        + gradient("paper", down, (0, light(paper, 0.5), 1), (1, paper, 1))
        + gradient("across", across, (0, light(color, 0.22), 1), (0.45, color, 1), (1, dark(color, 0.24), 1))
        + gradient("down", down, (0, light(color, 0.2), 1), (1, dark(color, 0.14), 1))
        + gradient("slant", slant, (0, light(color, 0.3), 1), (0.6, color, 1), (1, dark(color, 0.18), 1))
        + gradient("gloss", slant, (0, "#ffffff", 0.55), (0.5, "#ffffff", 0.06), (1, "#ffffff", 0))
        + gradient(
            "metal", across, (0, "#f4f5f7", 1), (0.5, "#c9ccd3", 1), (0.75, "#eef0f3", 1), (1, "#a4a8b2", 1)
        )
        + gradient("wood", slant, (0, "#e9c793", 1), (1, "#c89455", 1))
        + '<filter id="blur" x="-50%" y="-200%" width="200%" height="500%">'
        '<feGaussianBlur stdDeviation="14"/></filter></defs>'
    )


def picture(*, title: str, body: str, color: str, paper: str) -> bytes:
    """A whole drawing: paper, a soft round light behind, and the body."""
    halo = disc(300, 285, 235, light(paper, 0.75), more='opacity=".75"')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" width="600" height="600">'
        f"<title>{escape(title)}</title>{_defs(color, paper)}"
        f'<rect width="600" height="600" fill="url(#paper)"/>{halo}{body}</svg>\n'
    ).encode()


def banner(*, title: str, body: str, color: str, paper: str) -> bytes:
    """A wide drawing, 1200 by 480."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 480" width="1200" height="480">'
        f"<title>{escape(title)}</title>{_defs(color, paper)}"
        f'<rect width="1200" height="480" fill="url(#paper)"/>{body}</svg>\n'
    ).encode()
