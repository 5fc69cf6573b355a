"""Asks a web server as fast as it answers, on its own host. Standard library only: it is sent there as text.

`python3 asking.py '{"socket", "host", "addresses": {name: [path, ...]}, "seconds", "rounds", "connections"}'` prints
for each name how many answers came per second in each round, and the 95th percentile of their times. The names take
turns within one run, so that whatever else the machine does meets all of them.
"""

import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any


class Asker:
    """A kept connection, over which one request after the other is sent."""

    def __init__(self, path: str, requests: Iterator[bytes]) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(path)
        self._requests, self._got, self._began = requests, b"", 0.0

    def ask(self) -> None:
        """Send the next request."""
        self._got, self._began = b"", time.perf_counter()
        self.sock.sendall(next(self._requests))

    def read(self) -> float | None:
        """Read what is there; the seconds that the answer took when that was all of it."""
        chunk = self.sock.recv(1 << 18)
        if not chunk:
            raise SystemExit("the server hung up")
        self._got += chunk
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or not _whole(head.lower(), body):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not a good answer: {self._got[:300]!r}")
        return time.perf_counter() - self._began


def _whole(head: bytes, body: bytes) -> bool:
    """Whether all of an answer is there."""
    if b"transfer-encoding: chunked" in head:
        return body.endswith(b"0\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2])
    raise SystemExit(f"an answer without a length: {head!r}")


def measure(path: str, requests: Iterator[bytes], seconds: float, connections: int) -> list[float]:
    """How long each answer took that came within those seconds."""
    askers = {}
    poll = select.poll()
    for _ in range(connections):
        asker = Asker(path, requests)
        askers[asker.sock.fileno()] = asker
        poll.register(asker.sock, select.POLLIN)
        asker.ask()
    times: list[float] = []
    limit = time.perf_counter() + seconds
    while time.perf_counter() < limit:
        for number, _ in poll.poll(1000):
            took = askers[number].read()
            if took is not None:
                times.append(took)
                askers[number].ask()
    for asker in askers.values():
        asker.sock.close()
    return times


def main(asked: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everything that was asked for."""
    head = f"Host: {asked['host']}\r\nX-Forwarded-Proto: https\r\nAccept: application/json\r\n"
    requests = {
        name: cycle([f"GET {path} HTTP/1.1\r\n{head}\r\n".encode() for path in paths])
        for name, paths in asked["addresses"].items()
    }
    times: dict[str, list[list[float]]] = {name: [] for name in requests}
    for _ in range(asked["rounds"]):
        for name, texts in requests.items():
            times[name].append(measure(asked["socket"], texts, asked["seconds"], asked["connections"]))
    return {name: _figures(rounds, asked["seconds"]) for name, rounds in times.items()}


def _figures(rounds: list[list[float]], seconds: float) -> dict[str, Any]:
    rates = [len(one) / seconds for one in rounds]
    every = sorted(time for one in rounds for time in one)
    p95 = every[min(len(every) - 1, round(0.95 * len(every)))] if every else 0.0
    return {"per_second": rates, "p95_ms": 1000 * p95, "answers": len(every)}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
