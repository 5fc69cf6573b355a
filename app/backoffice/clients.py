"""Where a request comes from."""

import ipaddress

from django.http import HttpRequest


def address(request: HttpRequest) -> str | None:
    """The client's address as nginx, which is the only one that can reach the server, found it."""
    said = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    for candidate in (said, request.META.get("REMOTE_ADDR", "")):
        try:
            return str(ipaddress.ip_address(candidate))
        except ValueError:
            continue
    return None
