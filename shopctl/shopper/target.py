"""Where the shop is, where WeChat's sandbox is, and connections to both."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopctl.drivers.http_session import Address, Reply, Session
from shopctl.errors import BadInputError, ShopctlError
from shopctl.shopper import bill
from shopctl.shopper.bill import Merchant
from shopctl.shopper.calls import PREFIX, Server
from shopctl.shopper.evidence import Billed
from shopctl.shopper.history import History
from shopctl.shopper.phone import Line

NO_SANDBOX = "this environment speaks to the real WeChat: shoppers can't log in or pay there"


@dataclass(frozen=True)
class Target:
    """The servers that shoppers speak to. `sandbox` None: the real WeChat, which plays along with nobody.

    With the `merchant` WeChat's bill is looked at as well.
    """

    shop: Address
    sandbox: Address | None = None
    merchant: Merchant | None = None

    def lines(self, *, timeout: float = 10.0) -> dict[Server, Line]:
        """New connections, for one thread."""
        lines: dict[Server, Line] = {"shop": Session(self.shop, timeout=timeout)}
        if self.sandbox:
            lines["sandbox"] = Session(self.sandbox, timeout=timeout)
        return lines

    def bill(self, read: History) -> tuple[Billed, ...] | None:
        """WeChat's bill of a load's days, where there is one already."""
        if self.sandbox is None or self.merchant is None:
            return None
        line = Session(self.sandbox)
        try:
            return bill.fetch(line, self.merchant, bill.days(read.began, time.time()))
        finally:
            line.close()

    def with_sandbox(self) -> Address:
        """The sandbox. Raises BadInputError where there is none."""
        if self.sandbox is None:
            raise BadInputError(
                NO_SANDBOX, next_step="add --browse-only, which looks around and leaves nothing behind"
            )
        return self.sandbox


def ask(
    line: Line,
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """What a server says, outside of any journey. Raises ShopctlError unless it is 2xx."""
    reply: Reply = line.request(method, path, headers=headers or {}, body=body)
    if not 200 <= reply.status < 300:
        raise ShopctlError(f"{method} {path} was answered with {reply.status}", last_lines=[str(reply.body)])
    return reply.body


def read(line: Line, path: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """A read of the shop's API, of a path below its prefix."""
    return ask(line, "GET", PREFIX + path, headers=headers)
