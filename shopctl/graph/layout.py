"""Where everything of the picture is: columns for the internet's side, the balancers, the hosts, the data. Pure.

Lengths are pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shopctl.graph.model import Graph, Subnet, Tier

CARD_W, CARD_H, GAP, PAD = 256, 54, 12, 16
SUBNET_HEAD, TIER_HEAD, COLUMN_GAP = 26, 26, 86
TOP, LEFT, BELOW = 96, 40, 64


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    w: float
    h: float

    @property
    def middle(self) -> float:
        """Of its height."""
        return self.y + self.h / 2

    @property
    def right(self) -> float:
        """Its right border."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower border."""
        return self.y + self.h


@dataclass(frozen=True)
class Layout:
    """Where everything is: nodes and `tier:NAME` by id, subnets by name."""

    boxes: dict[str, Box]
    subnets: dict[str, Box]
    vpc: Box
    width: float
    height: float


def arrange(graph: Graph) -> Layout:
    """Places everything in columns, each centred."""
    hosts = [tier for tier in graph.tiers if _kinds(tier) == {"CVM"}]
    data = [tier for tier in graph.tiers if tier not in hosts]
    outside_h = _stack(len(graph.outside) + 1)
    heights = [outside_h, _stack(len(graph.balancers)), _tiers_height(hosts), _tiers_height(data)]
    tallest = max(heights)
    boxes: dict[str, Box] = {}
    subnets: dict[str, Box] = {}

    x = float(LEFT)
    y = TOP + 44 + (tallest - heights[0]) / 2
    for id_ in ("shoppers", *(node.id for node in graph.outside)):
        boxes[id_] = Box(x, y, CARD_W, CARD_H)
        y += CARD_H + GAP
    vpc_x = x + CARD_W + COLUMN_GAP - 30
    x = vpc_x + 30
    if graph.balancers:
        y = TOP + 44 + (tallest - heights[1]) / 2
        for node in graph.balancers:
            boxes[node.id] = Box(x, y, CARD_W, CARD_H)
            y += CARD_H + GAP
        x += CARD_W + COLUMN_GAP
    for column, height in ((hosts, heights[2]), (data, heights[3])):
        if not column:
            continue
        y = TOP + 44 + (tallest - height) / 2
        for tier in column:
            box = Box(x, y, CARD_W + 4 * PAD, _tier_height(tier))
            boxes[f"tier:{tier.name}"] = box
            _place(tier, box, boxes, subnets)
            y = box.bottom + 2 * GAP
        x += CARD_W + 4 * PAD + COLUMN_GAP
    right = x - COLUMN_GAP + 48
    vpc = Box(vpc_x, TOP, right - vpc_x, tallest + 44 + 24)
    return Layout(boxes, subnets, vpc, right + LEFT, vpc.bottom + BELOW)


def _kinds(tier: Tier) -> set[str]:
    kinds = {node.kind for subnet in tier.subnets for node in subnet.nodes}
    return kinds or {"CVM"}


def _stack(count: int) -> float:
    return max(count * (CARD_H + GAP) - GAP, 0)


def _subnet_height(subnet: Subnet) -> float:
    return SUBNET_HEAD + (_stack(len(subnet.nodes)) + PAD if subnet.nodes else 6)


def _tier_height(tier: Tier) -> float:
    inner = sum(_subnet_height(subnet) + GAP for subnet in tier.subnets) - GAP
    return TIER_HEAD + inner + PAD


def _tiers_height(tiers: Iterable[Tier]) -> float:
    return sum((_tier_height(tier) + 2 * GAP for tier in tiers), -2.0 * GAP) if tiers else 0


def _place(tier: Tier, box: Box, boxes: dict[str, Box], subnets: dict[str, Box]) -> None:
    y = box.y + TIER_HEAD
    for subnet in tier.subnets:
        height = _subnet_height(subnet)
        subnets[subnet.name] = Box(box.x + PAD, y, box.w - 2 * PAD, height)
        inner = y + SUBNET_HEAD
        for node in subnet.nodes:
            boxes[node.id] = Box(box.x + 2 * PAD, inner, CARD_W, CARD_H)
            inner += CARD_H + GAP
        y += height + GAP
