"""HTTPS to an address, as if DNS had answered with it; the certificate is checked for the domain."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from shopctl.errors import ShopctlError


@dataclass(frozen=True)
class Response:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class _Pinned(http.client.HTTPSConnection):
    """Connects to `address`; TLS and the Host header speak of `host`."""

    def __init__(self, host: str, address: str, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(host, 443, context=context, timeout=timeout)
        self._address, self._tls = address, context

    def connect(self) -> None:
        raw = socket.create_connection((self._address, 443), self.timeout)
        try:
            self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise


def get(domain: str, path: str, *, address: str, ca: Path | None, timeout: float = 5.0) -> Response:
    """GET https://domain/path from `address`. Raises ShopctlError when there is no answer over valid TLS."""
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    connection = _Pinned(domain, address, context, timeout)
    try:
        connection.request("GET", path, headers={"User-Agent": "shopctl", "Accept": "application/json"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise ShopctlError(
            f"https://{domain}{path} does not answer: {str(error) or type(error).__name__}", where=address
        ) from error
    finally:
        connection.close()


def addresses(domain: str) -> list[str]:
    """What DNS says, for domains that really are in DNS."""
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(domain, 443, proto=socket.IPPROTO_TCP)})
    except OSError:
        return []
