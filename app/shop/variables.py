"""Reading variables of the environment, with every mistake remembered."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

Address = Path | int
"""Where a process of this host listens: a UNIX socket, or a port of loopback."""

# What the kernel takes as a socket's path; without what separates peers.
_SOCKET = r"/[\x21-\x2b\x2d-\x39\x3b-\x7e]{1,106}"


class Reader:
    """Takes variables one by one, and remembers what is wrong with them."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """One that has to be there."""
        value = self._variables.get(name, "").strip()
        if not value:
            self.problems.append(f"{name} is missing")
        return value

    def optional(self, name: str, default: str = "") -> str:
        """One that may be absent or empty."""
        return self._variables.get(name, "").strip() or default

    def port(self, name: str) -> int:
        """A port number."""
        value = self.text(name)
        if value and not (re.fullmatch(r"[0-9]{1,5}", value) and 0 < int(value) < 65536):
            self.problems.append(f"{name} must be a port number, not {value!r}")
        return int(value) if re.fullmatch(r"[0-9]{1,5}", value) else 0

    def endpoint(self, name: str) -> str:
        """An http(s) address, without a slash at its end."""
        value = self.text(name).rstrip("/")
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            self.problems.append(f"{name} must be an http(s) address, not {value!r}")
        return value

    def prefix(self, name: str) -> str:
        """Where a browser finds files: a path on this host or a full address; it always ends in a slash."""
        value = self.text(name)
        if value and not (value.startswith("/") or urlsplit(value).scheme in {"http", "https"}):
            self.problems.append(f"{name} must start with / or http(s)://, not {value!r}")
        return value.rstrip("/") + "/"

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        """A whole number."""
        value = self.optional(name, str(default))
        if not re.fullmatch(r"[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
            self.problems.append(f"{name} must be a whole number from {minimum} to {maximum}, not {value!r}")
            return default
        return int(value)

    def socket(self, name: str) -> Path | None:
        """The path of a UNIX socket, or None."""
        value = self.optional(name)
        if value and not re.fullmatch(_SOCKET, value):
            self.problems.append(
                f"{name} must be the whole path of a socket (at most 107 bytes), not {value!r}"
            )
        return Path(value) if value else None

    def addresses(self, name: str) -> dict[str, Address]:
        """Names with sockets or ports, as `trade:/run/trade.sock,user:8003`."""
        text = self.optional(name)
        found = dict(re.findall(rf"([a-z]+):({_SOCKET}|[0-9]{{1,5}})(?:,|$)", text))
        if ",".join(f"{peer}:{address}" for peer, address in found.items()) != text:
            self.problems.append(f"{name} must look like trade:/run/trade.sock,user:8003, not {text!r}")
        return {
            peer: int(address) if address.isdecimal() else Path(address) for peer, address in found.items()
        }

    def pem(self, name: str) -> str:
        """A key as base64 of its PEM text: a line of an environment file can't hold more lines."""
        value = self.text(name)
        try:
            text = base64.b64decode(value, validate=True).decode("ascii")
        except ValueError:
            text = ""
        if value and "-----BEGIN" not in text:
            self.problems.append(f"{name} must be base64 of a PEM text")
        return text

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.optional(name, default)
        if value not in allowed:
            self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
        return value
