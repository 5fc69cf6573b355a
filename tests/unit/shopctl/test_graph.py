"""The picture of a stack, from the resources of a state."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from shopctl import graph as pictures
from shopctl import paths
from shopctl.environment import Environment
from shopctl.errors import ShopctlError
from shopctl.graph import layout, svg, text
from shopctl.graph.model import Graph, Link, build

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"


def state() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GOLDEN / "graph-state.json").read_text())
    return found


@pytest.fixture
def graph() -> Graph:
    return build("local", "ap-guangzhou", state(), frozenset())


def test_terminal(graph: Graph) -> None:
    assert text.text(graph) + "\n" == (GOLDEN / "graph.txt").read_text()
    assert max(map(len, text.text(graph).splitlines())) <= 100


def test_the_picture_in_the_documentation_is_this_one(graph: Graph) -> None:
    assert svg.svg(graph) == (paths.REPOSITORY / "docs/graph.svg").read_text()


def test_no_resource_is_left_out(graph: Graph) -> None:
    subnets = sum(len(tier.subnets) for tier in graph.tiers)
    assert graph.total == len(graph.nodes) + subnets + 1 + sum(number for _, number in graph.rest)


def test_it_is_of_the_stack_as_the_program_has_it() -> None:
    """`python -m tests.engine.picture` draws it anew."""
    asked = (GOLDEN.parents[1] / "infra/golden/resources.local.txt").read_text().split("\n")[:-1]
    drawn = [f"{r['type'].split(':')[1]} {r['urn'].rsplit('::', 1)[-1]}" for r in state()]
    assert sorted(drawn) == asked


def test_requests_and_copies(graph: Graph) -> None:
    names = {node.id: node.name for node in graph.nodes}
    said = {(names.get(link.source, link.source), names[link.target], link.label) for link in graph.links}
    assert ("cdn.local.test", "clb", "origin") in said
    assert ("clb", "web-1", ":80 weight 10") in said
    assert ("mysql", "mysql-ro", "replicates") in said
    assert ("tier:web", "redis", ":6379") in said
    assert ("tier:ops", "mysql", ":3306") in said
    assert ("tier:web", "nat", "way out") in said
    assert ("tier:data", "nat", "way out") not in said


def test_a_host_that_is_down_is_red() -> None:
    (host,) = [r["id"] for r in state() if r["outputs"].get("hostname") == "web-2"]
    graph = build("local", "ap-guangzhou", state(), frozenset({host}))
    (line, style), *_ = [
        (line, style) for line, style in text.lines(graph) if " web-2 " in line and "CVM" in line
    ]
    assert "✗ CVM" in line
    assert "DOWN" in line
    assert style == "bold red"
    assert svg.svg(graph).count("#ef4444") == 2


def test_nothing_overlaps(graph: Graph) -> None:
    placed = layout.arrange(graph)
    cards = [placed.boxes[node.id] for node in graph.nodes]
    for index, one in enumerate(cards):
        assert one.right <= placed.width
        assert one.bottom <= placed.height
        for other in cards[index + 1 :]:
            apart = (
                one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
            )
            assert apart, (one, other)


def test_the_svg_is_whole_and_names_are_text(graph: Graph) -> None:
    resources = state()
    bucket = next(r for r in resources if r["outputs"].get("bucket", "").startswith("shop-static"))
    bucket["outputs"]["bucket"] = '<b>&"name'
    root = ET.fromstring(svg.svg(build("local", "ap-guangzhou", resources, frozenset())))
    assert root.tag == f"{SVG}svg"
    assert any((found.text or "").startswith("<b>&") for found in root.iter(f"{SVG}text"))


def test_fifty_hosts_and_none() -> None:
    (host,) = [r for r in state() if r["outputs"].get("hostname") == "web-1"]
    more = [
        {**host, "id": f"ins-{n}", "outputs": {**host["outputs"], "instanceName": f"web-{n}"}}
        for n in range(50)
    ]
    ET.fromstring(svg.svg(build("local", "ap-guangzhou", [*state(), *more], frozenset())))
    only = [r for r in state() if r["type"].startswith("tencentcloud:Cos/bucket:")]
    graph = build("local", "ap-guangzhou", only, frozenset())
    ET.fromstring(svg.svg(graph))
    assert "shop-media" in text.text(graph)


def test_an_empty_stack_has_no_picture(tmp_path: Path) -> None:
    environment = Environment("local", paths.stack_files()["local"], tmp_path)
    with pytest.raises(ShopctlError, match="nothing to draw"):
        pictures.of(environment)


def test_a_link_to_what_is_not_drawn_does_no_harm(graph: Graph) -> None:
    from dataclasses import replace

    lost = replace(graph, links=(*graph.links, Link("nobody", "nowhere", "x")))
    ET.fromstring(svg.svg(lost))
