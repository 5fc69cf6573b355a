"""The other process groups on this host: whether their processes answer."""

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from shop.environment import Address


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
    connection = _connection(address, timeout)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(f"{address} does not speak HTTP: {error!r}") from error
    finally:
        connection.close()
    if status != 200:
        raise OSError(f"{address} answered {status}")


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
