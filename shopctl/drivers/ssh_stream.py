"""A command on a host whose output comes for as long as it runs: read line by line, stopped from elsewhere."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from shopctl.drivers.subprocess import tied

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.drivers.ssh import Fleet

# A host that is cut off says nothing: after these the connection counts as dead.
_OPTIONS = ("BatchMode=yes", "ConnectTimeout=5", "ServerAliveInterval=4", "ServerAliveCountMax=2")
_LAST_LINES = 3


class Stream:
    """OpenSSH with the command. The remote end goes with it: sshd closes the command's output, and `journalctl
    --follow` ends when nobody reads it any more."""

    def __init__(self, fleet: Fleet, host: Host, argv: Sequence[str]) -> None:
        ssh, *rest = fleet.command(host, argv)
        options = [word for option in _OPTIONS for word in ("-o", option)]
        # A process group of its own: Ctrl-C is for us alone, who stop it.
        self._process = subprocess.Popen(
            tied([ssh, "-T", *options, *rest]),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            process_group=0,
        )
        self._errors: deque[str] = deque(maxlen=_LAST_LINES)
        self._reader = threading.Thread(target=self._keep_errors, daemon=True)
        self._reader.start()

    def __iter__(self) -> Iterator[str]:
        """The lines as they come, until it ends."""
        for line in self._process.stdout or ():
            yield line.rstrip("\n")

    def why(self) -> str:
        """Of one that ended: what it said last."""
        code = self._process.wait()
        self._reader.join(timeout=1)
        return self._errors[-1] if self._errors else f"exit {code}"

    def stop(self) -> None:
        """Ends it; the lines end, too."""
        self._process.terminate()

    def close(self) -> None:
        """Waits until nothing of it is left."""
        self._process.terminate()
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def _keep_errors(self) -> None:
        for line in self._process.stderr or ():
            if line.strip():
                self._errors.append(line.strip())
