"""Shoppers in the shop while a test does something to it."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.stack.conftest import ENVIRONMENT, REPOSITORY


@dataclass
class Told:
    """What the load said in the end."""

    report: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def failed(self) -> int:
        """Requests without the answer that they should have had; also those that were sent again, and then got it."""
        return int(self.report["errors"]) + int(self.report["figures"]["repeats"])

    def assert_kept(self) -> None:
        """The shop kept its word: the ledger, the shop and WeChat agree."""
        assert self.report["verdict"]["findings"] == []
        assert self.report["figures"]["requests"] >= 100


@contextmanager
def shopping(shoppers: int = 20, journeys: Sequence[str] = ()) -> Iterator[Told]:
    """Shoppers for as long as it lasts, on all journeys or on those named; afterwards what they say of it."""
    # A shell that starts the tests in the background has its children ignore SIGINT.
    argv = ["env", "--default-signal=INT", sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT]
    argv += ["load", "--json", "--shoppers", str(shoppers), "--for", "60m"]
    argv += [word for name in journeys for word in ("--journey", name)]
    told = Told()
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as load:
        try:
            yield told
        finally:
            load.send_signal(signal.SIGINT)
            try:
                out, _ = load.communicate(timeout=180)
            finally:
                # Nothing where it has ended; else it would shop on for an hour, and be waited for.
                load.kill()
        told.report = json.loads(out)
