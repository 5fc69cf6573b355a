"""Draw the documentation's picture of the stack anew, from the program as it is: `python -m tests.engine.picture`.

Nothing is made on the machine: the engine runs with the provider that only sketches.
"""

import json
from pathlib import Path
from typing import Any

from shopctl import paths
from shopctl.graph import svg, text
from shopctl.graph.model import build
from tests.engine.configurations import base
from tests.engine.engine import lab

GOLDEN = paths.REPOSITORY / "tests/unit/shopctl/golden"
PICTURE = paths.REPOSITORY / "docs/graph.svg"
KEPT = ("custom", "id", "outputs", "type", "urn")


def state() -> list[dict[str, Any]]:
    """The resources of the local environment's state, in the order of their names, without any secret."""
    with lab(base()) as empty:
        # One after another: addresses are given out in the order of creation.
        empty.stack().up(color="never", parallel=1)
        found = [
            {key: _without_secrets(resource[key]) for key in KEPT}
            for resource in empty.state().values()
            if resource.get("custom") and not resource["type"].startswith("pulumi:")
        ]
    return sorted(found, key=lambda resource: str(resource["urn"]))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_secrets(item)
            for key, item in sorted(value.items())
            if not (isinstance(item, dict) and "ciphertext" in item)
        }
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value


def draw(resources: list[dict[str, Any]], golden: Path = GOLDEN, picture: Path = PICTURE) -> None:
    """Write the state that the tests of the picture use, and the pictures of it."""
    lines = ",\n".join(json.dumps(resource, ensure_ascii=False) for resource in resources)
    (golden / "graph-state.json").write_text(f"[\n{lines}\n]\n")
    graph = build("local", base()["tencentcloud:region"], resources, frozenset())
    (golden / "graph.txt").write_text(text.text(graph) + "\n")
    picture.write_text(svg.svg(graph))


if __name__ == "__main__":
    draw(state())
