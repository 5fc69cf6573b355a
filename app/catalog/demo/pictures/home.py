"""Things for the house. Each takes its colour and draws around (300, 300)."""

# A path in pieces is harder to read than a long line.
# ruff: noqa: E501

from catalog.demo.pictures.canvas import box, dark, disc, group, light, line, path, shadow, text

_LEAF = "#5f9a5a"


def gaiwan(color: str) -> str:
    """A lidded bowl on its saucer, with a branch painted on."""
    branch = line("M210 330 Q280 360 372 318 M300 344 Q310 316 336 306", color, 4)
    blossoms = "".join(
        disc(x, y, 9, color) + disc(x, y, 3.5, "#fff") for x, y in ((236, 338), (318, 330), (362, 318))
    )
    return (
        shadow(300, 492, 200)
        + disc(300, 470, 206, "#dfe4e8", 42)
        + disc(300, 462, 206, "#ffffff", 42)
        + disc(300, 462, 150, "none", 28, f'stroke="{color}" stroke-width="3"')
        + path("M150 262 H450 Q440 446 346 466 H254 Q160 446 150 262Z", "#fdfdfb")
        + path("M380 262 H450 Q440 446 346 466 H310 Q390 420 380 262Z", "#d8dde3", 'opacity=".8"')
        + disc(300, 262, 150, "#eef1f3", 36)
        + line("M152 276 Q300 330 448 276", color, 3)
        + path("M176 250 Q190 158 300 152 Q410 158 424 250 Q300 290 176 250Z", "#ffffff")
        + path("M300 152 Q410 158 424 250 Q390 264 356 268 Q380 190 300 152Z", "#dfe4e9")
        + disc(300, 138, 40, "#f1f3f5", 14)
        + box(284, 134, 32, 24, 8, "#e6eaee")
        + branch
        + blossoms
    )


def thermos(color: str) -> str:
    """A bottle of steel."""
    return (
        shadow(300, 540, 110)
        + box(214, 84, 172, 96, 26, "url(#metal)")
        + box(228, 72, 144, 26, 13, "#8b909b")
        + path(
            "M206 190 Q206 172 224 172 H376 Q394 172 394 190 V500 Q394 536 358 536 H242 Q206 536 206 500Z",
            "url(#across)",
        )
        + box(206, 478, 188, 14, 0, dark(color, 0.2))
        + box(226, 200, 16, 260, 8, "#fff", 'opacity=".35"')
        + disc(300, 330, 34, "none", more=f'stroke="{light(color, 0.65)}" stroke-width="5"')
        + line("M284 340 Q300 308 316 340", light(color, 0.65), 5)
    )


def mug(color: str) -> str:
    """A mug that steams."""
    steam = "".join(
        line(f"M{x} 190 q-16 -28 0 -52 t0 -50", "#ffffff", 9, 'opacity=".7"') for x in (240, 296, 352)
    )
    return (
        shadow(296, 522, 170)
        + steam
        + line("M420 292 Q520 286 508 370 Q496 444 404 436", dark(color, 0.12), 32)
        + path("M156 232 H436 V440 Q436 514 360 514 H232 Q156 514 156 440Z", "url(#across)")
        + disc(296, 232, 140, light(color, 0.4), 34)
        + disc(296, 236, 122, "#5d3a26", 26)
        + path("M180 262 Q190 268 206 272 V470 Q180 462 180 430Z", "#fff", 'opacity=".3"')
        + path(
            "M296 420 c-38-28-52-50-38-70 10-16 32-12 38 6 6-18 28-22 38-6 14 20 0 42-38 70Z",
            light(color, 0.75),
        )
    )


def towels(color: str) -> str:
    """Three, folded."""

    def fold(y: float, shade: str) -> str:
        dots = f'stroke="{light(shade, 0.35)}" stroke-width="3" stroke-dasharray="2 9"'
        return (
            box(112, y, 376, 104, 48, dark(shade, 0.16))
            + box(112, y - 6, 376, 102, 48, shade)
            + box(132, y + 8, 330, 74, 36, "none", dots)
            + box(112, y + 36, 376, 14, 0, light(shade, 0.4), 'opacity=".8"')
        )

    return (
        shadow(300, 506, 220)
        + fold(394, color)
        + fold(292, light(color, 0.5))
        + fold(190, light(color, 0.8))
        + line("M300 178 Q340 120 400 128 Q380 168 300 178", _LEAF, 5)
        + path("M300 178 Q340 122 400 128 Q376 172 300 178Z", _LEAF)
    )


def candle(color: str) -> str:
    """A candle in its glass."""
    return (
        shadow(300, 524, 150)
        + path("M300 74 Q346 134 324 166 Q300 190 276 166 Q254 134 300 74Z", "#ffc65c")
        + path("M300 114 Q322 146 310 164 Q300 174 290 164 Q278 146 300 114Z", "#fff3c9")
        + box(297, 168, 6, 54, 3, "#4a3b33")
        + path("M172 216 H428 V470 Q428 516 382 516 H218 Q172 516 172 470Z", light(color, 0.55))
        + path("M172 240 H428 V470 Q428 516 382 516 H218 Q172 516 172 470Z", "url(#across)")
        + disc(300, 216, 128, light(color, 0.75), 28)
        + disc(300, 240, 120, light(color, 0.35), 22)
        + box(218, 316, 164, 126, 10, "#fffaf2")
        + text(300, 386, 46, dark(color, 0.5), "桂花", 'font-weight="600"')
        + text(300, 420, 17, dark(color, 0.4), "OSMANTHUS", 'letter-spacing="4"')
        + box(186, 236, 16, 250, 8, "#fff", 'opacity=".4"')
    )


def board(color: str) -> str:
    """A cutting board, with something to cut."""
    grain = "".join(line(f"M{176 + 34 * i} 150 V500", "#b98448", 3, 'opacity=".45"') for i in range(8))
    return (
        shadow(300, 530, 190)
        + path("M252 60 H348 Q366 60 366 78 V132 H234 V78 Q234 60 252 60Z", "url(#wood)")
        + disc(300, 98, 18, light(color, 0.6))
        + box(146, 126, 308, 398, 34, dark("#c89455", 0.2))
        + box(146, 120, 308, 398, 34, "url(#wood)")
        + grain
        + disc(246, 412, 58, "#e8553f")
        + disc(246, 412, 46, "#f58b6a")
        + line("M246 372 V452 M206 412 H286", "#f9c2a6", 6)
        + path("M330 300 Q410 250 424 320 Q436 398 360 440 Q330 380 330 300Z", "#8fbf5f")
        + line("M350 320 Q380 350 372 420", "#6f9f44", 5)
    )


def umbrella(color: str) -> str:
    """Open, in the rain."""
    rain = "".join(
        line(f"M{70 + (i * 71) % 470} {60 + (i * 97) % 180} l-10 30", "#9fb6d6", 5, 'opacity=".7"')
        for i in range(14)
    )
    edge = "Q462 280 408 318 Q354 280 300 318 Q246 280 192 318 Q138 280 84 318Z"
    return (
        shadow(300, 540, 110)
        + rain
        + line("M300 130 V486 Q300 534 258 534 Q222 534 222 498", "#5b4636", 13)
        + path(f"M84 318 Q96 110 300 106 Q504 110 516 318 {edge}", color)
        + path("M300 106 Q192 170 192 318 Q138 280 84 318 Q96 110 300 106Z", light(color, 0.18))
        + path("M300 106 Q408 170 408 318 Q462 280 516 318 Q504 110 300 106Z", dark(color, 0.14))
        + disc(300, 102, 9, "#5b4636")
    )


def pillow(color: str) -> str:
    """Soft, with a button."""
    stripes = "".join(
        path(
            f"M{130 + 84 * i} 148 Q{150 + 84 * i} 300 {130 + 84 * i} 462 H{160 + 84 * i} Q{180 + 84 * i} 300 {160 + 84 * i} 148Z",
            light(color, 0.5),
            'opacity=".55"',
        )
        for i in range(4)
    )
    outline = "M110 130 Q300 172 490 130 Q452 300 490 480 Q300 440 110 480 Q148 300 110 130Z"
    return (
        shadow(300, 500, 210)
        + path(outline, "url(#slant)")
        + f'<clipPath id="pillow"><path d="{outline}"/></clipPath><g clip-path="url(#pillow)">{stripes}</g>'
        + disc(300, 304, 15, dark(color, 0.25))
        + line(
            "M300 304 L262 270 M300 304 L340 268 M300 304 L264 344 M300 304 L342 342", dark(color, 0.18), 3
        )
    )


def lamp(color: str) -> str:
    """A lamp with its light."""
    return (
        path("M206 262 L96 520 H470 L388 262Z", "#fff2c4", 'opacity=".55"')
        + shadow(300, 530, 150)
        + box(292, 240, 16, 262, 8, "url(#metal)")
        + box(200, 492, 200, 34, 17, dark(color, 0.15))
        + path("M232 92 H368 L424 268 Q300 298 176 268Z", "url(#across)")
        + disc(300, 92, 68, light(color, 0.3), 12)
        + path("M246 104 L202 262 Q222 270 240 272 L272 104Z", "#fff", 'opacity=".28"')
        + line("M346 280 V344", "#8b909b", 4)
        + disc(346, 350, 8, color)
    )


def plant(color: str) -> str:
    """Leaves in a pot."""

    def blade(turn: float, size: float, shade: str) -> str:
        return group(
            path("M0 0 Q-58 -110 0 -226 Q58 -110 0 0Z", shade) + line("M0 -6 V-200", dark(shade, 0.2), 3),
            f"translate(300 366) rotate({turn}) scale({size})",
        )

    leaves = ((-58, 0.9, 0.2), (58, 0.9, 0.2), (-32, 1.05, 0.08), (34, 1.05, 0.08), (0, 1.2, 0))
    return (
        shadow(300, 536, 140)
        + "".join(blade(turn, size, dark(_LEAF, shade)) for turn, size, shade in leaves)
        + path("M190 352 H410 L386 512 Q384 532 362 532 H238 Q216 532 214 512Z", "url(#across)")
        + box(176, 336, 248, 44, 16, light(color, 0.12))
        + path("M214 388 L230 516 H254 L242 388Z", "#fff", 'opacity=".25"')
    )
