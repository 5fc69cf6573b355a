"""Measure the local region: hosts that boot side by side, and plans without hosts. `python bench/region.py --help`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import hosts, plans
from bench.figures import Figure


def measure(parts: list[str]) -> list[Figure]:
    """The figures of those parts, in the order in which they are measured."""
    figures = []
    if "plans" in parts:
        figures.append(plans.plans())
    if "hosts" in parts:
        figures += [hosts.boot(count) for count in hosts.LIMITS]
    return figures


def main() -> int:
    """Measure, print, and fail when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--plans", action="store_true", help="100 random configurations, planned without hosts"
    )
    parser.add_argument("--hosts", action="store_true", help="20 and 50 hosts that boot at once (root)")
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    chosen = [part for part in ("plans", "hosts") if getattr(arguments, part)]
    figures = measure(chosen or ["plans", "hosts"])
    if arguments.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        print("\n".join(line for figure in figures for line in figure.lines()))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
