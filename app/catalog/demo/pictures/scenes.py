"""A product's pictures: by itself, in two colours together, and a card that says what is good about it."""

from collections.abc import Callable

from catalog.demo.pictures import digital, home, pantry, style
from catalog.demo.pictures.canvas import banner, box, dark, disc, group, light, line, picture, text

Draw = Callable[[str], str]
DRAWINGS: dict[str, Draw] = {
    drawing.__name__: drawing
    for drawing in (
        digital.frosted_case,
        digital.clear_case,
        digital.silicone_case,
        digital.cartoon_case,
        digital.magnet_case,
        digital.leather_case,
        digital.film,
        digital.cable,
        digital.earbuds,
        digital.headphones,
        digital.pad,
        digital.stand,
        digital.bank,
        digital.charger,
        digital.mouse,
        digital.keyboard,
        pantry.green_tea,
        pantry.red_tea,
        pantry.jasmine_tea,
        pantry.oolong_tea,
        pantry.cake_tea,
        pantry.candy,
        pantry.nuts,
        pantry.cookies,
        pantry.honey,
        home.gaiwan,
        home.thermos,
        home.mug,
        home.towels,
        home.candle,
        home.board,
        home.umbrella,
        home.pillow,
        home.lamp,
        home.plant,
        style.scarf,
        style.tote,
        style.shirt,
        style.socks,
        style.notebook,
        style.bookmark,
        style.cap,
        style.fan,
        style.pen,
    )
}


def _paper(color: str) -> str:
    """A tint of the colour; for what is nearly white a grey, before which it shows."""
    return "#d9dee6" if _pale(color, 215) else light(color, 0.84)


def _pale(color: str, limit: int) -> bool:
    return min(int(color[i : i + 2], 16) for i in (1, 3, 5)) > limit


def alone(*, kind: str, name: str, color: str) -> bytes:
    """The thing itself, on paper that lets its colour speak."""
    return picture(title=name, body=DRAWINGS[kind](color), color=color, paper=_paper(color))


def pair(*, kind: str, name: str, color: str) -> bytes:
    """Two of them, one behind the other."""
    drawing = DRAWINGS[kind](color)
    behind = group(drawing, "translate(214 30) rotate(10 300 300) scale(.66)")
    before = group(drawing, "translate(-6 126) rotate(-6 300 300) scale(.76)")
    table = box(0, 430, 600, 170, 0, light(color, 0.62), 'opacity=".6"')
    return picture(title=name, body=table + behind + before, color=color, paper="#f3eee6")


def card(*, kind: str, name: str, color: str, points: list[str]) -> bytes:
    """What is good about it, in words."""
    accent = "#7a8494" if _pale(color, 185) else color
    ink = dark(accent, 0.62)
    rows = "".join(
        disc(64, 214 + 84 * i, 17, accent)
        + line(f"M56 {214 + 84 * i} l6 7 11 -14", "#ffffff", 4)
        + text(96, 223 + 84 * i, 27, ink, point, 'style="text-anchor:start"')
        for i, point in enumerate(points[:4])
    )
    title = text(48, 104, 44, ink, name, 'font-weight="700" style="text-anchor:start"')
    title += box(48, 128, 64, 7, 3, accent)
    thing = group(DRAWINGS[kind](color), "translate(262 212) scale(.6)")
    return picture(title=name, body=thing + title + rows, color=color, paper=_paper(color))


def wide(*, title: str, subtitle: str, kinds: tuple[str, ...], color: str) -> bytes:
    """A banner: words on the left, things on the right."""
    ink = dark(color, 0.6)
    places = ("translate(540 40) scale(.66)", "translate(840 -20) scale(.62)", "translate(800 190) scale(.5)")
    things = "".join(group(DRAWINGS[kind](color), place) for kind, place in zip(kinds, places, strict=False))
    words = (
        text(84, 214, 74, ink, title, 'font-weight="800" style="text-anchor:start"')
        + text(86, 280, 32, dark(color, 0.4), subtitle, 'style="text-anchor:start"')
        + box(86, 326, 168, 60, 30, color)
        + text(170, 366, 28, "#ffffff", "去看看", 'font-weight="600"')
    )
    shapes = disc(860, 240, 300, light(color, 0.62)) + disc(1120, 60, 120, light(color, 0.5))
    return banner(title=title, body=shapes + things + words, color=color, paper=light(color, 0.78))
