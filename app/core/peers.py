"""The other process groups on this host: whether their processes answer."""

import http.client
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings


def others() -> dict[str, int]:
    """The peers' ports by their names, this process's own left out."""
    shop = settings.SHOP
    return {name: port for name, port in shop.peers.items() if name != shop.group}


def ask(port: int, timeout: float = 1.0) -> None:
    """Return when the process there says that it is alive. Raises OSError otherwise."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(f"port {port} does not speak HTTP: {error!r}") from error
    finally:
        connection.close()
    if status != 200:
        raise OSError(f"port {port} answered {status}")


def silent() -> list[str]:
    """The peers that do not answer."""

    def problem(port: int) -> bool:
        try:
            ask(port)
        except OSError:
            return True
        return False

    ports = others()
    if not ports:
        return []
    with ThreadPoolExecutor(len(ports)) as pool:
        return [name for name, bad in zip(ports, pool.map(problem, ports.values()), strict=True) if bad]
