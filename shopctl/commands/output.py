"""Printing: JSON, styled lines, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from shopctl.plan import Plan
from shopctl.plan import text as plans


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def styled(lines: Sequence[tuple[str, str]]) -> None:
    """Lines with their styles; plain text where nobody sees colours."""
    if not sys.stdout.isatty():
        print("\n".join(line for line, _ in lines))
        return
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    for line, style in lines:
        console.print(line, style=style or None, markup=False)


def show_plan(plan: Plan, machine: bool, *, last: bool = True, everything: bool = False) -> None:
    """A plan, for whoever reads it. A machine gets one document: the plan only when nothing follows it."""
    if not machine:
        styled(plans.lines(plan, everything=everything))
    elif last:
        print_json(plan.as_json())


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """Columns as wide as their content."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    body = [(line(row), styles[i] if styles else "") for i, row in enumerate(rows)]
    styled([(line([heading.upper() for heading in headings]), "bold"), *body])
