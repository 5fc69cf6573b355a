"""The picture as SVG: from left to right the way of a request, from the shoppers to the data. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from shopctl.graph.layout import CARD_W, COLUMN_GAP, LEFT, PAD, TIER_HEAD, Box, Layout, arrange
from shopctl.graph.model import Graph, Link, Tier
from shopctl.graph.nodes import Node

COLOURS = {
    "CVM": "#2563eb",
    "CLB": "#7c3aed",
    "CDN": "#db2777",
    "bucket": "#059669",
    "NAT": "#64748b",
    "MySQL": "#ea580c",
    "Redis": "#dc2626",
    "MongoDB": "#16a34a",
    "RabbitMQ": "#d97706",
    "shoppers": "#0f172a",
}
_STYLE = """
text{font-family:Inter,"Segoe UI","Noto Sans","DejaVu Sans",sans-serif;fill:#0f172a}
.title{font-size:20px;font-weight:700}.sub{font-size:12px;fill:#64748b}
.tier{font-size:13px;font-weight:700;fill:#334155}.net{font-size:11px;fill:#64748b}
.name{font-size:13px;font-weight:600}.kind{font-size:10px;font-weight:700;fill:#fff}
.info{font-size:10.5px;fill:#475569}.label{font-size:10px;fill:#475569;stroke:#f8fafc;stroke-width:4px;paint-order:stroke}
.mono{font-family:"JetBrains Mono","DejaVu Sans Mono",monospace}
"""


def svg(graph: Graph) -> str:
    """The picture's text."""
    layout = arrange(graph)
    w, h = f"{layout.width:.0f}", f"{layout.height:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img">',
        f"<title>The stack {escape(graph.environment)}</title><style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>',
        f'<rect width="{w}" height="{h}" fill="#fff"/>',
        _text(LEFT, 44, f"{graph.environment}", "title"),
        _text(LEFT, 66, f"{graph.region} · {graph.total} resources, {len(graph.nodes)} of them drawn", "sub"),
        _rect(layout.vpc, fill="#f8fafc", stroke="#cbd5e1", radius=14),
        _text(layout.vpc.x + PAD, layout.vpc.y + 24, f"VPC {graph.network}", "tier"),
        _text(layout.vpc.right - PAD, layout.vpc.y + 24, graph.cidr, "net mono", "end"),
    ]
    for tier in graph.tiers:
        parts += _tier(tier, layout)
    parts += _links(graph, layout)
    parts.append(_card(Node("shoppers", "shoppers", "Shoppers", detail="WeChat, browsers"), layout))
    parts += [_card(node, layout) for node in graph.nodes if node.id in layout.boxes]
    rest = sum(number for _, number in graph.rest)
    named = ", ".join(f"{number} {name}" for name, number in sorted(graph.rest, key=lambda r: -r[1])[:6])
    if rest:
        parts.append(_text(LEFT, layout.height - 24, f"and {rest} that belong to these: {named}, …", "sub"))
    return "\n".join([*parts, "</svg>", ""])


def _tier(tier: Tier, layout: Layout) -> Iterator[str]:
    box = layout.boxes[f"tier:{tier.name}"]
    yield _rect(box, fill="#eef2f7", stroke="#d7dee8", radius=10)
    yield _text(box.x + PAD, box.y + 18, tier.name, "tier")
    for subnet in tier.subnets:
        inner = layout.subnets[subnet.name]
        yield _rect(inner, fill="#fff", stroke="#d7dee8", radius=8, dash=True)
        yield _text(inner.x + 12, inner.y + 17, f"{subnet.name} · {subnet.zone}", "net")
        yield _text(inner.right - 12, inner.y + 17, subnet.cidr, "net mono", "end")


def _card(node: Node, layout: Layout) -> str:
    box = layout.boxes[node.id]
    colour = COLOURS.get(node.kind, "#475569")
    address = f"{node.address}:{node.port}" if node.port and node.kind != "CVM" else node.address
    badge = 12 + 7.3 * len(node.kind)
    light = "#22c55e" if node.healthy else "#ef4444"
    border = "#cbd5e1" if node.healthy else "#ef4444"
    first = _fit(node.name, (box.w - badge - 38) / 8.3)
    second = " · ".join(
        part for part in (address, node.name if first != node.name else "", node.detail) if part
    )
    told = node.state or "made"
    return "".join(
        (
            f"<g><title>{escape(f'{node.kind} {node.name} ({told})')}</title>",
            _rect(box, fill="#fff", stroke=border, radius=8),
            f'<rect x="{box.x + 10:.1f}" y="{box.y + 9:.1f}" width="{badge:.1f}" height="16" rx="4" fill="{colour}"/>',
            _text(box.x + 16, box.y + 20.5, node.kind, "kind"),
            _text(box.x + badge + 17, box.y + 21.5, first, "name"),
            ""
            if node.kind == "shoppers"
            else f'<circle cx="{box.right - 13:.1f}" cy="{box.y + 17:.1f}" r="4" fill="{light}"/>',
            _text(box.x + 11, box.y + 43, _fit(second, (box.w - 20) / 6.1), "info"),
            "</g>",
        )
    )


def _links(graph: Graph, layout: Layout) -> Iterator[str]:
    ways = [
        *(Link("shoppers", node.id, "") for node in graph.balancers),
        *(Link("shoppers", node.id, "") for node in graph.outside if node.kind == "CDN"),
        *graph.links,
    ]
    targets = _targets(ways)
    # The first tier is the shop's own way; what else may reach the data is drawn lighter.
    faint = {f"tier:{tier.name}" for tier in graph.tiers[1:]}
    for link in ways:
        source, target = layout.boxes.get(link.source), layout.boxes.get(link.target)
        if source is None or target is None:
            continue
        if abs(source.x - target.x) < CARD_W:
            yield _beside(link, source, target)
        elif target.x < source.x:
            yield _back(link, source, target)
        else:
            offset = _spread(targets[link.target], link)
            # A service's card has its port already.
            shown = "" if link.source.startswith("tier:") else link.label
            yield _across(replace(link, label=shown), source, target, offset, light=link.source in faint)


def _across(link: Link, source: Box, target: Box, offset: float, *, light: bool) -> str:
    """From the right border of one to the left border of the other."""
    x1, y1, x2, y2 = source.right, source.middle, target.x - 2, target.middle + offset
    bend = max((x2 - x1) / 2, 30)
    path = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return _line(path, light=light) + _text((x1 + x2) / 2, (y1 + y2) / 2 - 4, link.label, "label", "middle")


def _back(link: Link, source: Box, target: Box) -> str:
    """From the left border of one to the right border of the other, past the column between them: a way out."""
    above = source.middle < target.middle
    x1, y1 = source.x, source.y + TIER_HEAD / 2 if above else source.bottom - TIER_HEAD / 2
    x2, y2 = target.right + 2, target.middle + (-8 if above else 8)
    near = x2 + COLUMN_GAP
    path = f"M{x1:.1f} {y1:.1f}H{near:.1f}C{x2 + 20:.1f} {y1:.1f} {near:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return _line(path, light=True) + _text((x1 + near) / 2, y1 - 5, link.label, "label", "middle")


def _beside(link: Link, source: Box, target: Box) -> str:
    """Between two of one column: out to a side and back."""
    copy = link.kind == "copy"
    x, reach = (source.right, 62.0) if copy else (source.x, -26.0)
    y1, y2 = source.middle, target.middle
    path = f"M{x:.1f} {y1:.1f}C{x + reach:.1f} {y1:.1f} {x + reach:.1f} {y2:.1f} {x:.1f} {y2:.1f}"
    side = _text(x + reach * 0.75 + 3, (y1 + y2) / 2 - 8, link.label, "label", "middle") if copy else ""
    return _line(path, dash=copy) + side


def _line(path: str, *, dash: bool = False, light: bool = False) -> str:
    style = ' stroke-dasharray="5 4"' if dash or light else ""
    colour = "#b6c2d1" if light else "#64748b"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.4"{style} marker-end="url(#tip)"/>'
    )


def _targets(links: Iterable[Link]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links:
        found.setdefault(link.target, []).append(link.source)
    return found


def _spread(sources: list[str], link: Link) -> float:
    """Several arrows to one card arrive side by side."""
    return (sources.index(link.source) - (len(sources) - 1) / 2) * 16


def _rect(box: Box, *, fill: str, stroke: str, radius: int, dash: bool = False) -> str:
    style = ' stroke-dasharray="3 3"' if dash else ""
    place = f'x="{box.x:.1f}" y="{box.y:.1f}" width="{box.w:.1f}" height="{box.h:.1f}" rx="{radius}"'
    return f'<rect {place} fill="{fill}" stroke="{stroke}"{style}/>'


def _text(x: float, y: float, words: str, style: str, anchor: str = "start") -> str:
    if not words:
        return ""
    end = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}"{end}>{escape(words)}</text>'


def _fit(words: str, characters: float) -> str:
    return words if len(words) <= characters else f"{words[: int(characters) - 1]}…"
