"""The other process groups on this host: whether their processes answer."""

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from shop.variables import Address


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket. The path is looked up at each connection: it may be a link that was just replaced."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _connection(address: Address, timeout: float) -> http.client.HTTPConnection:
    if isinstance(address, Path):
        return _SocketConnection(address, timeout)
    return http.client.HTTPConnection("127.0.0.1", address, timeout=timeout)


def others() -> dict[str, Address]:
    """Where the peers listen, by their names; this process's own is left out."""
    shop = settings.SHOP
    return {name: address for name, address in shop.peers.items() if name != shop.group}


def ask(address: Address, timeout: float = 1.0) -> None:
    """Return when the process there says that it is alive. Raises OSError otherwise."""
    status, _ = _get(address, "/healthz", timeout)
    if status != 200:
        raise OSError(f"{address} answered {status}")


def dependencies(address: Address, timeout: float) -> dict[str, str]:
    """What the process there says of each thing that it uses. Raises OSError when it says nothing of the kind."""
    status, content = _get(address, "/readyz/alone", timeout)
    try:
        found = json.loads(content)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise OSError(f"{address} answered {status}") from None
    return {str(name): str(state) for name, state in found.items()}


def _get(address: Address, path: str, timeout: float) -> tuple[int, bytes]:
    connection = _connection(address, timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as error:
        raise OSError(f"{address} does not speak HTTP: {error!r}") from error
    finally:
        connection.close()


def silent() -> list[str]:
    """The peers that do not answer."""

    def problem(address: Address) -> bool:
        try:
            ask(address)
        except OSError:
            return True
        return False

    asked = others()
    if not asked:
        return []
    with ThreadPoolExecutor(len(asked)) as pool:
        return [name for name, bad in zip(asked, pool.map(problem, asked.values()), strict=True) if bad]
