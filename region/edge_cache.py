"""What is in an edge's cache: taken out of it, and put there ahead of the first visitor."""

import http.client
import socket
import ssl
import urllib.parse
from collections.abc import Iterable, Iterator
from pathlib import Path

from region import authority, cdn_nginx
from region.errors import RegionError
from region.hosts import HostControl
from region.region import Region
from region.resolver_names import CDN

_HEAD = 4096
"""Bytes of a cached file that have its key: nginx writes a header of its own, then `KEY: ...` on a line."""


def edge_of(region: Region, url: str) -> tuple[HostControl, urllib.parse.SplitResult]:
    """The edge that serves a URL. Raises `RegionError` when no domain on record does."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RegionError(f"{url!r} is not a URL with http:// or https://")
    for record in region.records.all(CDN):
        if record.inputs["domain"] == parts.hostname:
            return region.host(record.id), parts
    raise RegionError(f"{url}: {parts.hostname} is no CDN domain of region {region.name}")


def target(parts: urllib.parse.SplitResult) -> str:
    """What a visitor's request line asks for."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def purge(region: Region, url: str) -> int:
    """Take a URL out of its edge's cache, in every variant; how many objects that were."""
    control, parts = edge_of(region, url)
    keys = cdn_nginx.key_of(target(parts))
    found = [file for file in _files(control) if _key(file) in keys]
    for file in found:
        # nginx takes a file that is gone for one that it never had.
        file.unlink(missing_ok=True)
    return len(found)


def _files(control: HostControl) -> Iterator[Path]:
    yield from (file for file in (control.home / "data/cache/edge").glob("?/??/*") if file.is_file())


def _key(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        return ""
    return head.partition(b"\nKEY: ")[2].partition(b"\n")[0].decode(errors="replace")


def push(region: Region, url: str, agent: str) -> int:
    """Have the edge fetch a URL as it would for a visitor; the HTTP status that it answered."""
    control, parts = edge_of(region, url)
    address, name = control.host.address, str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = http.client.HTTPConnection(address, port, timeout=30)
    try:
        if parts.scheme == "https":
            trust = ssl.create_default_context(cadata=authority.ca(region.name))
            raw = socket.create_connection((address, port), 30)
            connection.sock = trust.wrap_socket(raw, server_hostname=name)
        connection.request("GET", target(parts), headers={"Host": name, "User-Agent": agent})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise RegionError(f"{url}: the edge at {address} did not answer: {error}") from error
    finally:
        connection.close()


def encoded(urls: Iterable[str]) -> list[str]:
    """The URLs with what has to be percent-encoded so."""
    return [urllib.parse.quote(url, safe=":/?&=%#+,;@~!$'()*[]") for url in urls]
