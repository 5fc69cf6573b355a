"""Progress for a person: phases, running items and finished lines. Everything goes to standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class Report:
    """Calling it prints a line. On a terminal, running items are shown live with their time.

    `quiet` (set by --json) leaves out everything but what is said with `warn`.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.phases: dict[str, float] = {}
        self._running: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._console: Console | None = None
        self._live = False

    def __call__(self, line: str, style: str = "") -> None:
        """Prints a line of progress."""
        if not self.quiet:
            self._print(line, style)

    def warn(self, line: str) -> None:
        """Prints a line that must be seen."""
        self._print(f"warning: {line}", "yellow")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """A named part of the operation, timed."""
        self(f"==> {name}", "bold")
        began = time.monotonic()
        with self._live_view():
            try:
                yield
            finally:
                self.phases[name] = round(time.monotonic() - began, 2)
                with self._lock:
                    self._running.clear()
        self(f"    {name}: {self.phases[name]:.1f} s", "dim")

    def started(self, key: str, text: str) -> None:
        """Something runs now."""
        with self._lock:
            self._running[key] = (text, time.monotonic())

    def finished(self, key: str, line: str | None = None, style: str = "") -> float:
        """It ended; returns its seconds. The line, when there is one, stays on the screen with that time."""
        with self._lock:
            _, began = self._running.pop(key, ("", time.monotonic()))
        seconds = time.monotonic() - began
        if line is not None:
            self(f"    {line}  ({seconds:.1f} s)", style)
        return seconds

    def _live_view(self) -> AbstractContextManager[Any]:
        if self.quiet or self._live or not sys.stderr.isatty():
            return nullcontext()
        return self._show_running()

    @contextmanager
    def _show_running(self) -> Iterator[None]:
        from rich.live import Live

        self._live = True
        try:
            with Live(console=self._rich(), get_renderable=self._table, refresh_per_second=8, transient=True):
                yield
        finally:
            self._live = False

    def _table(self) -> RenderableType:
        from rich.spinner import Spinner
        from rich.table import Table

        table = Table.grid(padding=(0, 1))
        now = time.monotonic()
        with self._lock:
            running = list(self._running.values())
        for text, began in running[-12:]:
            table.add_row("   ", Spinner("dots"), text, f"{now - began:.0f} s")
        return table

    def _rich(self) -> Console:
        if self._console is None:
            from rich.console import Console

            self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        return self._console

    def _print(self, line: str, style: str) -> None:
        if sys.stderr.isatty():
            self._rich().print(line, style=style or None, markup=False)
        else:
            print(line, file=sys.stderr, flush=True)
