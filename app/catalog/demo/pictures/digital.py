"""Cases, cables and what makes sounds. Each takes its colour and draws around (300, 300)."""

from catalog.demo.pictures.canvas import box, dark, disc, group, light, line, path, shadow

_INK = "#2b2d36"


def _lenses(x: float, y: float, plate: str) -> str:
    """A phone's cameras."""
    rings = [(x + 38, y + 38), (x + 38, y + 100), (x + 96, y + 69)]
    return box(x, y, 134, 138, 34, plate) + "".join(
        disc(cx, cy, 25, "#171920") + disc(cx, cy, 17, "#2b3350") + disc(cx - 6, cy - 7, 5, "#9fb4ff")
        for cx, cy in rings
    )


def _case(color: str, back: str) -> str:
    return (
        shadow(300, 548, 130)
        + box(184, 72, 232, 464, 46, dark(color, 0.3))
        + box(188, 70, 224, 460, 44, "url(#slant)")
        + back
        + _lenses(206, 90, dark(color, 0.2))
        + box(183, 190, 6, 48, 3, dark(color, 0.45))
        + box(411, 210, 6, 70, 3, dark(color, 0.45))
    )


def frosted_case(color: str) -> str:
    """A matt back with fine grain."""
    dots = "".join(
        disc(204 + (i * 37) % 196, 250 + (i * 53) % 262, 1.6, light(color, 0.5), more='opacity=".5"')
        for i in range(90)
    )
    return _case(
        color,
        dots
        + path("M196 380 L404 210 V486 Q404 522 368 522 H232 Q196 522 196 486Z", "#fff", 'opacity=".10"'),
    )


def clear_case(color: str) -> str:
    """One sees the phone inside."""
    phone = box(200, 84, 200, 432, 36, light(color, 0.55)) + box(200, 84, 200, 432, 36, "url(#gloss)")
    edge = box(188, 70, 224, 460, 44, "none", f'stroke="{light(color, 0.75)}" stroke-width="8"')
    return _case(light(color, 0.6), phone + edge + line("M384 250 V470", "#ffffff", 5, 'opacity=".8"'))


def silicone_case(color: str) -> str:
    """Smooth, with a strap of light and a small heart."""
    heart = path(
        "M300 420 c-34-26-46-44-34-62 9-14 28-10 34 6 6-16 25-20 34-6 12 18 0 36-34 62Z", light(color, 0.6)
    )
    return _case(
        color, heart + path("M200 120 Q210 92 240 88 L226 500 Q200 490 200 470Z", "#fff", 'opacity=".16"')
    )


def cartoon_case(color: str) -> str:
    """A bear that looks out."""
    fur, muzzle = "#a9744f", "#f3dcc0"
    bear = (
        disc(244, 352, 28, fur)
        + disc(356, 352, 28, fur)
        + disc(244, 352, 14, muzzle)
        + disc(356, 352, 14, muzzle)
        + disc(300, 420, 86, fur, 80)
        + disc(300, 446, 44, muzzle, 36)
        + disc(268, 404, 9, _INK)
        + disc(332, 404, 9, _INK)
        + disc(300, 432, 13, _INK, 9)
        + line("M300 440 V452 M282 456 Q291 466 300 454 Q309 466 318 456", _INK, 4)
        + disc(246, 432, 13, "#f19a8f", 9)
        + disc(354, 432, 13, "#f19a8f", 9)
    )
    return _case(color, bear)


def magnet_case(color: str) -> str:
    """A ring of magnets on the back."""
    ring = light(color, 0.62)
    return _case(
        color,
        disc(300, 350, 78, "none", more=f'stroke="{ring}" stroke-width="15"')
        + box(292, 448, 16, 52, 8, ring),
    )


def leather_case(color: str) -> str:
    """Stitched edges and a pocket for cards."""
    thread = light(color, 0.45)
    stitches = f'stroke="{thread}" stroke-width="3" stroke-dasharray="11 8"'
    pocket = box(222, 330, 156, 168, 14, dark(color, 0.14)) + box(230, 338, 140, 152, 10, "none", stitches)
    return _case(
        color,
        box(198, 80, 204, 440, 36, "none", stitches) + pocket + box(240, 318, 120, 30, 6, light(color, 0.78)),
    )


def film(color: str) -> str:
    """Tempered glass over a phone."""
    return (
        shadow(300, 548, 150)
        + box(206, 92, 210, 440, 36, _INK)
        + box(214, 100, 194, 424, 30, dark(color, 0.35))
        + disc(311, 122, 7, "#0c0d12")
        + group(
            box(170, 70, 206, 436, 34, light(color, 0.7), 'opacity=".55"')
            + box(170, 70, 206, 436, 34, "url(#gloss)", 'stroke="#fff" stroke-width="4"')
            + line("M196 300 L300 130 M210 380 L340 170", "#fff", 9, 'opacity=".7"'),
            "rotate(-7 300 300)",
        )
    )


def cable(color: str) -> str:
    """A woven cable in a coil."""

    def coil(radius: float) -> str:
        return (
            disc(300, 300, radius, "none", more=f'stroke="{dark(color, 0.25)}" stroke-width="23"')
            + disc(300, 300, radius, "none", more=f'stroke="{color}" stroke-width="18"')
            + disc(
                300,
                300,
                radius,
                "none",
                more=f'stroke="{light(color, 0.45)}" stroke-width="5" stroke-dasharray="7 9"',
            )
        )

    def plug(transform: str) -> str:
        return group(
            box(-17, -70, 34, 76, 11, "url(#down)")
            + box(-11, -104, 22, 38, 8, "url(#metal)")
            + box(-6, -98, 12, 6, 3, "#70757f"),
            transform,
        )

    return (
        shadow(300, 520, 190)
        + "".join(coil(radius) for radius in (168, 142, 116))
        + line("M190 430 Q150 490 210 520", color, 18)
        + plug("translate(226 526) rotate(96)")
        + line("M420 420 Q470 380 462 300", color, 18)
        + plug("translate(461 292)")
        + box(272, 118, 56, 92, 12, _INK)
        + box(272, 156, 56, 12, 0, "#4c505e")
    )


def earbuds(color: str) -> str:
    """Two buds over their open box."""

    def bud(transform: str) -> str:
        return group(
            box(-15, 0, 30, 104, 15, "url(#across)")
            + disc(0, 0, 44, "url(#slant)", 40)
            + disc(-26, -6, 19, dark(color, 0.45), 22)
            + disc(10, -14, 10, "#fff", 7, 'opacity=".6"')
            + box(-9, 92, 18, 8, 4, "url(#metal)"),
            transform,
        )

    return (
        shadow(300, 520, 180)
        + path("M150 330 Q150 262 218 262 H382 Q450 262 450 330Z", dark(color, 0.12))
        + bud("translate(238 196) rotate(-10)")
        + bud("translate(362 196) scale(-1 1) rotate(-10)")
        + path("M146 322 H454 V420 Q454 508 366 508 H234 Q146 508 146 420Z", "url(#slant)")
        + path("M166 344 H300 Q210 380 190 480 Q166 460 166 420Z", "#fff", 'opacity=".28"')
        + disc(300, 366, 6, "#6fdc9b")
    )


def headphones(color: str) -> str:
    """Over the ears."""

    def cup(transform: str) -> str:
        return group(
            box(-52, -84, 104, 178, 50, dark(color, 0.4))
            + box(-44, -90, 82, 176, 41, "url(#slant)")
            + disc(-4, 0, 22, "none", 44, f'stroke="{light(color, 0.4)}" stroke-width="4"'),
            transform,
        )

    return (
        shadow(300, 530, 190)
        + line("M140 380 V300 Q140 120 300 120 Q460 120 460 300 V380", dark(color, 0.3), 34)
        + line("M150 330 V296 Q150 130 300 130 Q450 130 450 296 V330", light(color, 0.15), 16)
        + cup("translate(152 404)")
        + cup("translate(448 404) scale(-1 1)")
    )


def pad(color: str) -> str:
    """A round pad that charges."""
    return (
        shadow(300, 470, 210, 26)
        + disc(300, 372, 206, dark(color, 0.3), 104)
        + disc(300, 356, 206, "url(#slant)", 104)
        + disc(300, 352, 178, dark(color, 0.08), 88)
        + disc(300, 352, 112, "none", 54, f'stroke="{light(color, 0.5)}" stroke-width="6"')
        + path("M312 296 L258 364 H294 L284 408 L344 336 H306Z", light(color, 0.7))
        + line("M300 460 Q300 540 380 552", dark(color, 0.3), 14)
        + disc(300, 170, 60, "none", 26, f'stroke="{color}" stroke-width="6" opacity=".35"')
        + disc(300, 200, 96, "none", 42, f'stroke="{color}" stroke-width="6" opacity=".25"')
    )


def stand(color: str) -> str:
    """A metal stand with a phone on it."""
    return (
        shadow(300, 524, 190)
        + box(150, 480, 300, 34, 17, "url(#metal)")
        + path("M262 490 L330 300 L366 314 L310 490Z", "url(#metal)")
        + group(
            box(190, 90, 200, 356, 34, _INK)
            + box(199, 99, 182, 338, 27, "url(#slant)")
            + disc(290, 190, 44, "#fff", more='opacity=".35"')
            + box(226, 270, 128, 14, 7, "#fff", 'opacity=".6"')
            + box(246, 300, 88, 12, 6, "#fff", 'opacity=".4"'),
            "rotate(8 300 300)",
        )
        + box(176, 440, 160, 28, 12, "url(#metal)", 'transform="rotate(8 260 450)"')
    )


def bank(color: str) -> str:
    """A power bank with its lights."""
    return (
        shadow(300, 530, 150)
        + box(176, 104, 256, 420, 52, dark(color, 0.35))
        + box(168, 98, 256, 420, 52, "url(#slant)")
        + path("M188 150 Q190 118 222 116 H300 Q210 200 196 470Q188 460 188 440Z", "#fff", 'opacity=".22"')
        + path("M312 220 L258 300 H294 L282 356 L344 276 H306Z", light(color, 0.75))
        + "".join(disc(252 + 30 * i, 452, 7, "#7ff0b0" if i < 3 else dark(color, 0.3)) for i in range(4))
        + box(268, 92, 56, 14, 7, "#555a66")
    )


def charger(color: str) -> str:
    """A plug for the wall."""
    return (
        shadow(300, 520, 150)
        + box(246, 84, 20, 100, 8, "url(#metal)")
        + box(334, 84, 20, 100, 8, "url(#metal)")
        + box(180, 166, 240, 340, 58, dark(color, 0.22))
        + box(174, 160, 240, 338, 58, "url(#slant)")
        + path("M194 220 Q196 182 232 180 H300 Q214 250 204 450 Q194 440 194 420Z", "#fff", 'opacity=".4"')
        + box(258, 420, 72, 26, 13, _INK)
        + box(268, 430, 52, 6, 3, "#878c98")
    )


def mouse(color: str) -> str:
    """A mouse from above."""
    return (
        shadow(300, 530, 130)
        + box(184, 96, 240, 420, 120, dark(color, 0.3))
        + box(178, 90, 240, 420, 120, "url(#slant)")
        + line("M298 92 V270 M182 274 Q298 300 414 274", dark(color, 0.25), 4)
        + box(282, 146, 32, 84, 16, dark(color, 0.5))
        + box(288, 160, 20, 54, 10, light(color, 0.3))
        + path("M204 200 Q212 120 270 106 Q232 200 232 330 Q200 300 204 200Z", "#fff", 'opacity=".25"')
    )


def keyboard(color: str) -> str:
    """Keys in rows, some of them in the colour."""
    keys = "".join(
        box(
            104 + 40 * column,
            236 + 46 * row,
            33,
            38,
            8,
            light(color, 0.25) if (column + row) % 5 == 0 else "#fbfbfd",
        )
        for row in range(3)
        for column in range(10)
    )
    return (
        shadow(300, 470, 240, 22)
        + box(82, 212, 436, 214, 26, dark(color, 0.3))
        + box(82, 204, 436, 208, 26, "url(#down)")
        + keys
        + box(104, 374, 73, 30, 8, "#fbfbfd")
        + box(184, 374, 233, 30, 8, light(color, 0.25))
        + box(424, 374, 73, 30, 8, "#fbfbfd")
    )
