"""Tea and things to nibble. Each takes its colour and draws around (300, 300)."""

# A path in pieces is harder to read than a long line.
# ruff: noqa: E501

from catalog.demo.pictures.canvas import box, dark, disc, group, light, line, path, shadow, text


def _leaf(x: float, y: float, turn: float, size: float, color: str) -> str:
    return group(
        path("M0 0 Q26 -34 64 -30 Q52 8 0 0Z", color) + line("M0 0 Q30 -14 58 -28", dark(color, 0.3), 2.5),
        f"translate({x} {y}) rotate({turn}) scale({size})",
    )


def _tin(color: str, label: str, extra: str) -> str:
    ink = dark(color, 0.45)
    return (
        shadow(300, 528, 150)
        + path("M176 190 H424 V470 Q424 520 300 520 Q176 520 176 470Z", "url(#across)")
        + path(
            "M168 150 Q168 112 300 112 Q432 112 432 150 V196 Q432 222 300 222 Q168 222 168 196Z",
            "url(#across)",
        )
        + disc(300, 148, 128, light(color, 0.3), 32)
        + disc(300, 146, 96, "none", 22, f'stroke="{ink}" opacity=".35"')
        + box(232, 246, 136, 226, 8, "#fbf6ea")
        + box(241, 255, 118, 208, 4, "none", f'stroke="{ink}" stroke-width="2"')
        + "".join(text(300, 322 + 66 * i, 54, ink, sign, 'font-weight="600"') for i, sign in enumerate(label))
        + path("M190 214 Q206 218 216 219 V500 Q196 496 190 484Z", "#fff", 'opacity=".25"')
        + extra
    )


def green_tea(color: str) -> str:
    """A tin with leaves before it."""
    leaves = ((150, 520, -20), (206, 544, 10), (400, 540, -30), (452, 520, 20))
    return _tin(color, "龙井", "".join(_leaf(x, y, turn, 1, "#6f9e4c") for x, y, turn in leaves))


def red_tea(color: str) -> str:
    """A tin, with a cup of red tea."""
    cup = (
        disc(452, 500, 84, "#f6f1e8", 22)
        + path("M382 430 H522 Q518 506 452 508 Q386 506 382 430Z", "#ffffff")
        + disc(452, 430, 70, "#efe7d9", 19)
        + disc(452, 432, 60, "#b4532a", 14)
    )
    return _tin(color, "红茶", cup)


def jasmine_tea(color: str) -> str:
    """A tin with blossoms."""

    def blossom(x: float, y: float, size: float) -> str:
        petals = "".join(group(disc(0, -20, 11, "#ffffff", 18), f"rotate({72 * i})") for i in range(5))
        return group(petals + disc(0, 0, 9, "#f2d15b"), f"translate({x} {y}) scale({size})")

    return _tin(
        color,
        "茉莉",
        _leaf(150, 520, -10, 1.2, "#6f9e4c")
        + blossom(176, 506, 1.2)
        + blossom(428, 520, 1.4)
        + blossom(474, 488, 0.9),
    )


def oolong_tea(color: str) -> str:
    """A tin before rolled leaves."""
    rolled = "".join(
        disc(380 + (i * 29) % 120, 500 + (i * 13) % 34, 11, dark("#5d6b3c", (i % 3) * 0.15))
        for i in range(14)
    )
    return _tin(color, "乌龙", rolled)


def cake_tea(color: str) -> str:
    """A pressed cake of old tea, half out of its paper."""
    grain = "".join(
        line(
            f"M{150 + (i * 47) % 290} {190 + (i * 83) % 250} q10 -7 20 2",
            light(color, 0.25 if i % 2 else 0.1),
            4,
        )
        for i in range(70)
    )
    return (
        shadow(300, 510, 200)
        + disc(300, 318, 196, dark(color, 0.35), 184)
        + disc(300, 308, 196, "url(#slant)", 182)
        + f'<clipPath id="cake"><ellipse cx="300" cy="308" rx="188" ry="174"/></clipPath><g clip-path="url(#cake)">{grain}</g>'
        + path("M112 330 Q120 500 300 500 Q480 500 488 330 Q400 392 300 380 Q196 392 112 330Z", "#f7f0e0")
        + disc(300, 442, 34, "#b03a2e")
        + text(300, 457, 40, "#f7f0e0", "普", 'font-weight="600"')
    )


def candy(color: str) -> str:
    """Wrapped pieces."""

    def piece(x: float, y: float, turn: float, paper: str) -> str:
        return group(
            path(
                "M-104 -34 L-62 -8 V14 L-104 40 Q-90 4 -104 -34Z M104 -34 L62 -8 V14 L104 40 Q90 4 104 -34Z",
                dark(paper, 0.12),
            )
            + box(-70, -44, 140, 90, 24, paper)
            + line("M-40 -42 V44 M0 -44 V46 M40 -42 V44", light(paper, 0.6), 12, 'opacity=".7"')
            + path("M-58 -34 H50 Q20 -16 -58 -12Z", "#fff", 'opacity=".4"'),
            f"translate({x} {y}) rotate({turn})",
        )

    return (
        shadow(300, 500, 210)
        + piece(230, 220, -18, light(color, 0.35))
        + piece(390, 276, 24, "#f5e3b8")
        + piece(214, 372, 12, "#f3b7a4")
        + piece(356, 420, -12, color)
    )


def nuts(color: str) -> str:
    """A bag with a window, nuts before it."""

    def nut(x: float, y: float, turn: float, shade: str) -> str:
        return group(
            path("M0 -30 Q30 -10 18 18 Q0 34 -18 18 Q-30 -10 0 -30Z", shade)
            + line("M0 -22 Q8 0 0 22 M-9 -12 Q-4 4 -8 18", dark(shade, 0.2), 2),
            f"translate({x} {y}) rotate({turn})",
        )

    shades = ("#b8763e", "#d9a566", "#8f5a34", "#e2b97f")
    heap = "".join(nut(150 + (i * 61) % 300, 486 + (i * 23) % 44, i * 47, shades[i % 4]) for i in range(16))
    window = "".join(nut(246 + (i * 31) % 112, 352 + (i * 37) % 74, i * 61, shades[i % 4]) for i in range(12))
    return (
        shadow(300, 530, 190)
        + path("M180 96 H420 L436 500 Q300 524 164 500Z", "url(#across)")
        + box(180, 84, 240, 36, 6, dark(color, 0.15))
        + text(300, 210, 54, "#fffaf0", "每日坚果", 'font-weight="700"')
        + text(300, 256, 22, "#fffaf0", "DAILY NUTS", 'letter-spacing="6"')
        + f'<clipPath id="win"><ellipse cx="300" cy="384" rx="92" ry="74"/></clipPath>{disc(300, 384, 92, "#f4e5cb", 74)}'
        f'<g clip-path="url(#win)">{window}</g>' + heap
    )


def cookies(color: str) -> str:
    """A stack of biscuits with dark drops."""

    def one(x: float, y: float) -> str:
        drops = "".join(
            disc(x - 90 + (i * 43) % 180, y - 20 + (i * 17) % 36, 11, "#5a3622", 7) for i in range(8)
        )
        return disc(x, y + 24, 142, dark("#d9a566", 0.25), 54) + disc(x, y, 142, "#dca968", 54) + drops

    return (
        shadow(300, 520, 190)
        + disc(300, 492, 214, dark(color, 0.1), 46)
        + disc(300, 482, 214, light(color, 0.35), 46)
        + one(300, 440)
        + one(310, 380)
        + one(294, 320)
        + one(304, 262)
        + group(
            disc(0, 0, 64, "#dca968", 62)
            + path("M64 0 A64 62 0 0 0 20 -60 Q18 -30 40 -22 Q44 0 64 0Z", light(color, 0.6)),
            "translate(440 410)",
        )
    )


def honey(color: str) -> str:
    """A jar, and the stick to take it."""
    return (
        shadow(300, 528, 150)
        + path(
            "M196 190 Q176 214 176 260 V450 Q176 512 300 512 Q424 512 424 450 V260 Q424 214 404 190Z",
            "url(#across)",
        )
        + path("M196 220 Q188 240 190 300 V440 Q190 470 206 484 Q196 330 216 214Z", "#fff", 'opacity=".45"')
        + box(186, 112, 228, 82, 22, "url(#wood)")
        + box(222, 290, 156, 140, 14, "#fffaf0")
        + text(300, 378, 50, dark(color, 0.5), "蜂蜜", 'font-weight="600"')
        + group(
            box(-7, -170, 14, 170, 7, "url(#wood)")
            + "".join(disc(0, 8 + 16 * i, 30 - abs(2 - i) * 5, "#c89455", 9) for i in range(5)),
            "translate(470 400) rotate(24)",
        )
    )
