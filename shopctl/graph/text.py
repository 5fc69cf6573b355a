"""The picture for a terminal, within 100 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from shopctl.graph.model import Graph, Tier
from shopctl.graph.nodes import Node

Line = tuple[str, str]
T = TypeVar("T")
WIDTH = 100


def lines(graph: Graph) -> list[Line]:
    """The picture as lines with their styles."""
    names = {node.id: node.name for node in graph.nodes}
    names |= {f"tier:{tier.name}": tier.name for tier in graph.tiers}
    result: list[Line] = [
        (f"{graph.environment} in {graph.region}: {graph.total} resources", "bold"),
        ("internet", "bold"),
    ]
    width = max((len(node.name) for node in graph.outside), default=0)
    for last, node in _marked(graph.outside):
        links = _to(graph, node, names) + _from(graph, node, names)
        result.append(_node("└─ " if last else "├─ ", node, links, width))
    result.append((f"VPC {graph.network}  {graph.cidr}", "bold"))
    parts: list[Node | Tier] = [*graph.balancers, *graph.tiers]
    for last, part in _marked(parts):
        head, inner = ("└─ ", "   ") if last else ("├─ ", "│  ")
        if isinstance(part, Node):
            result.append(_node(head, part, ""))
            targets = [link for link in graph.links if link.source == part.id]
            result += [(f"{inner}   → {names[link.target]} {link.label}", "dim") for link in targets]
        else:
            result.append((f"{head}{part.name}", "bold"))
            result += _tier(graph, part, inner, names)
    if graph.rest:
        result += _wrapped("and ", [f"{number} {name}" for name, number in graph.rest])
    return result


def text(graph: Graph) -> str:
    """The picture without colours."""
    return "\n".join(line for line, _ in lines(graph))


def _tier(graph: Graph, tier: Tier, inner: str, names: dict[str, str]) -> Iterator[Line]:
    for last, subnet in _marked(tier.subnets):
        head, deeper = ("└─ ", "   ") if last else ("├─ ", "│  ")
        nothing = "" if subnet.nodes else "  (empty)"
        yield f"{inner}{head}{subnet.name}  {subnet.cidr}  {subnet.zone}{nothing}", ""
        for end, node in _marked(subnet.nodes):
            mark = "└─ " if end else "├─ "
            yield _node(f"{inner}{deeper}{mark}", node, _from(graph, node, names))


def _node(head: str, node: Node, links: str, width: int = 12) -> Line:
    sign = "●" if node.healthy else "✗"
    address = f"{node.address}:{node.port}" if node.port and node.kind != "CVM" else node.address
    state = "" if node.healthy else f"  {node.state.upper()}"
    start = f"{head}{sign} {node.kind:<8} {node.name:<{width}} {address:<17} {node.detail}".rstrip()
    line = f"{start}{state}{links}"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…", "" if node.healthy else "bold red"


def _from(graph: Graph, node: Node, names: dict[str, str]) -> str:
    sources = [
        names[link.source] for link in graph.links if link.target == node.id and link.kind == "traffic"
    ]
    copies = [names[link.source] for link in graph.links if link.target == node.id and link.kind == "copy"]
    said = f"  ← {', '.join(dict.fromkeys(sources))}" if sources and node.kind != "CVM" else ""
    return said + (f"  copies {', '.join(copies)}" if copies else "")


def _to(graph: Graph, node: Node, names: dict[str, str]) -> str:
    targets = [names[link.target] for link in graph.links if link.source == node.id]
    return f"  → {', '.join(targets)}" if targets else ""


def _marked(items: Sequence[T]) -> Iterator[tuple[bool, T]]:
    return ((index == len(items) - 1, item) for index, item in enumerate(items))


def _wrapped(start: str, words: Sequence[str], width: int = WIDTH - 2) -> list[Line]:
    rows = [start]
    for index, word in enumerate(words):
        piece = word + (", " if index < len(words) - 1 else "")
        if len(rows[-1]) + len(piece) > width:
            rows.append("    ")
        rows[-1] += piece
    return [(row.rstrip(), "dim") for row in rows]
