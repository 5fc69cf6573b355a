"""Things to wear, to carry and to write with. Each takes its colour and draws around (300, 300)."""

# A path in pieces is harder to read than a long line.
# ruff: noqa: E501

from catalog.demo.pictures.canvas import box, dark, disc, group, light, line, path, shadow, text


def scarf(color: str) -> str:
    """A square of silk, draped, with flowers."""

    def flower(x: float, y: float, size: float) -> str:
        petals = "".join(
            group(disc(0, -22, 13, light(color, 0.75), 20), f"rotate({60 * i})") for i in range(6)
        )
        return group(petals + disc(0, 0, 10, "#f4c95d"), f"translate({x} {y}) scale({size})")

    return (
        shadow(300, 530, 190)
        + path(
            "M140 116 Q300 66 460 116 Q500 300 452 520 Q380 470 330 524 Q300 470 262 524 Q208 476 148 520 Q100 300 140 116Z",
            "url(#slant)",
        )
        + path("M230 96 Q250 300 214 496 Q240 486 262 524 Q300 300 282 88Z", "#fff", 'opacity=".18"')
        + path(
            "M392 98 Q412 300 388 492 Q420 494 452 520 Q500 300 460 116 Q426 104 392 98Z",
            dark(color, 0.25),
            'opacity=".5"',
        )
        + line("M160 136 Q300 92 440 136", light(color, 0.7), 5)
        + flower(206, 226, 1.2)
        + flower(348, 300, 1.6)
        + flower(226, 410, 1)
        + flower(402, 190, 0.8)
        + line("M206 260 Q250 330 318 330 M348 340 Q330 400 250 412", light(color, 0.55), 4)
    )


def tote(color: str) -> str:
    """A bag of canvas."""
    return (
        shadow(300, 536, 180)
        + line("M220 240 Q214 84 300 84 Q386 84 380 240", dark(color, 0.25), 20)
        + path("M138 218 H462 L480 514 Q480 530 462 530 H138 Q120 530 120 514Z", "url(#slant)")
        + line("M150 240 H450", light(color, 0.5), 3, 'stroke-dasharray="10 9"')
        + disc(300, 384, 82, light(color, 0.72))
        + path("M226 410 Q262 340 292 384 Q320 320 374 410Z", dark(color, 0.2))
        + disc(336, 346, 13, "#f0a04b")
        + text(300, 500, 22, dark(color, 0.5), "山 间 小 集", 'letter-spacing="5"')
    )


def shirt(color: str) -> str:
    """A T-shirt, laid flat."""
    return (
        shadow(300, 536, 180)
        + path(
            "M222 96 Q300 150 378 96 L446 126 L548 234 L478 306 L434 270 V500 Q434 524 410 524 H190 Q166 524 166 500 V270 L122 306 L52 234 L154 126Z",
            "url(#down)",
        )
        + path("M222 96 Q300 150 378 96 L394 104 Q300 184 206 104Z", dark(color, 0.22))
        + line("M166 300 V270 M434 300 V270", dark(color, 0.3), 4)
        + path("M380 300 Q400 420 392 520 H410 Q434 520 434 500 V280Z", dark(color, 0.2), 'opacity=".45"')
        + path("M262 314 Q300 256 338 314 Q300 300 262 314Z M250 340 H350", light(color, 0.8))
        + line("M256 342 H344 M274 364 H326", light(color, 0.8), 7)
    )


def socks(color: str) -> str:
    """A pair."""

    def sock(transform: str, shade: str) -> str:
        return group(
            path(
                "M-56 -200 H56 V40 Q60 80 104 104 Q150 130 138 170 Q128 206 76 204 Q20 202 -20 160 Q-56 122 -56 60Z",
                shade,
            )
            + box(-60, -212, 120, 54, 14, light(shade, 0.55))
            + path("M104 104 Q150 130 138 170 Q128 206 76 204 Q66 150 104 104Z", light(shade, 0.55))
            + line("M-54 -110 H54 M-54 -78 H54", light(shade, 0.55), 12),
            transform,
        )

    return (
        shadow(300, 520, 200)
        + sock("translate(218 310) rotate(6)", dark(color, 0.12))
        + sock("translate(358 300) rotate(-4)", color)
    )


def notebook(color: str) -> str:
    """Bound by thread, with a strip for its title."""
    thread = "".join(line(f"M170 {140 + 80 * i} H206", "#f7efdf", 5) for i in range(5))
    return (
        shadow(310, 532, 170)
        + box(182, 92, 270, 432, 8, "#f2ead8")
        + box(176, 86, 270, 432, 8, "#fffaf0")
        + box(168, 80, 270, 432, 8, "url(#slant)")
        + box(168, 80, 40, 432, 8, dark(color, 0.16))
        + line("M206 84 V508", "#f7efdf", 4)
        + thread
        + box(330, 112, 74, 230, 3, "#fbf5e6")
        + "".join(text(367, 168 + 60 * i, 42, dark(color, 0.4), sign) for i, sign in enumerate("随笔集"))
    )


def bookmark(color: str) -> str:
    """A leaf of brass with its tassel."""
    return (
        shadow(300, 520, 150)
        + group(
            box(-74, -210, 148, 380, 16, "url(#slant)")
            + box(-60, -196, 120, 352, 10, "none", f'stroke="{light(color, 0.6)}" stroke-width="4"')
            + line(
                "M-30 130 Q20 40 -10 -60 Q0 -130 40 -160 M-8 -20 L34 -60 M4 30 L-40 -10 M-4 80 L40 40",
                light(color, 0.75),
                6,
            )
            + disc(38, -64, 13, light(color, 0.75))
            + disc(-42, -14, 13, light(color, 0.75))
            + disc(44, 36, 13, light(color, 0.75))
            + disc(0, -178, 9, "#fff"),
            "translate(290 316) rotate(-12)",
        )
        + line("M252 142 Q230 70 340 74 Q430 80 446 200", "#b8433a", 7)
        + disc(447, 206, 13, "#b8433a")
        + path("M434 216 H460 L470 350 H424Z", "#b8433a")
        + line("M437 226 L432 344 M447 226 V346 M457 226 L462 344", "#8d2f28", 3)
    )


def cap(color: str) -> str:
    """A cap with its peak."""
    return (
        shadow(300, 470, 220)
        + path("M120 366 Q116 160 300 152 Q484 160 480 366 Q300 410 120 366Z", "url(#slant)")
        + path(
            "M104 372 Q300 318 496 372 Q566 396 552 424 Q430 372 300 380 Q170 372 48 424 Q34 396 104 372Z",
            dark(color, 0.24),
        )
        + path("M104 372 Q300 318 496 372 Q300 344 104 372Z", light(color, 0.2))
        + line("M300 156 V346 M214 178 Q186 250 190 352 M386 178 Q414 250 410 352", dark(color, 0.18), 4)
        + disc(300, 152, 15, dark(color, 0.2), 9)
        + text(300, 300, 66, light(color, 0.8), "野", 'font-weight="700"')
    )


def fan(color: str) -> str:
    """A folding fan, painted with hills."""
    ribs = "".join(
        line(f"M300 470 L{300 + x} {y}", "#7a5636", 7)
        for x, y in ((-200, 318), (-136, 226), (-50, 176), (50, 176), (136, 226), (200, 318))
    )
    return (
        shadow(300, 510, 200)
        + ribs
        + path("M48 316 A280 280 0 0 1 552 316 L410 394 A122 122 0 0 0 190 394Z", "#fbf4e4")
        + path(
            "M112 356 Q180 244 246 320 Q310 210 384 318 Q430 262 488 352 L410 394 A122 122 0 0 0 190 394Z",
            color,
            'opacity=".85"',
        )
        + path(
            "M160 374 Q230 300 290 366 Q350 290 440 376 L410 394 A122 122 0 0 0 190 394Z",
            dark(color, 0.25),
            'opacity=".7"',
        )
        + disc(396, 236, 25, "#d9534a")
        + line("M200 246 q14 -12 26 0 M232 228 q12 -11 24 0", "#5b5148", 4)
        + disc(300, 468, 15, "#5d4029")
        + line("M300 480 V530", "#b8433a", 5)
        + path("M290 528 H310 L316 580 H284Z", "#b8433a")
    )


def pen(color: str) -> str:
    """A fountain pen and what it wrote."""
    return (
        shadow(300, 500, 190)
        + line("M110 470 Q170 420 200 468 T290 462 T372 470", dark(color, 0.2), 6)
        + group(
            path("M-26 -250 Q-26 -280 0 -280 Q26 -280 26 -250 V-20 H-26Z", "url(#across)")
            + box(-29, -26, 58, 16, 6, "#d8b45a")
            + path("M-26 -10 H26 L20 120 H-20Z", dark(color, 0.35))
            + path("M-18 120 H18 L0 208Z", "url(#metal)")
            + line("M0 150 V204", "#5d626d", 3)
            + disc(0, 148, 5, "#5d626d")
            + box(18, -240, 11, 130, 5, "#d8b45a")
            + box(-18, -250, 9, 220, 4, "#fff", 'opacity=".3"'),
            "translate(372 292) rotate(38)",
        )
    )
