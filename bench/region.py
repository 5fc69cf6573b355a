"""Measure the local region: hosts that boot side by side, plans without hosts, and how soon the command line answers.

`python bench/region.py --help` tells how to measure a part alone, and the refresh of a stack that is up.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import answers, hosts, plans
from bench.figures import Figure

PARTS = ("answers", "plans", "hosts")


def measure(parts: list[str], environment: str | None = None) -> list[Figure]:
    """The figures of those parts, in the order in which they are measured; of an environment, its refresh."""
    figures = []
    if "answers" in parts:
        figures += answers.at_once()
    if environment:
        figures.append(answers.refresh(environment))
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
    parser.add_argument("--answers", action="store_true", help="--help and completion")
    parser.add_argument("--refresh", metavar="ENV", help="a look at an environment that is up")
    parser.add_argument("--json", action="store_true", help="for machines")
    arguments = parser.parse_args()
    chosen = [part for part in PARTS if getattr(arguments, part)]
    figures = measure(chosen or ([] if arguments.refresh else list(PARTS)), arguments.refresh)
    if arguments.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        print("\n".join(line for figure in figures for line in figure.lines()))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
