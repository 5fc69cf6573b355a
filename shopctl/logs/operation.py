"""The environment's journals, for whoever reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopctl import outputs as stack_outputs
from shopctl.logs import follow, reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shopctl.environment import Environment
    from shopctl.logs.follow import Say, Tell
    from shopctl.logs.reading import Past, Wish
    from shopctl.report import Report


class Journals:
    """Those of a host, of a role's hosts or of all. `names`: all hosts of the environment, in their order."""

    def __init__(self, environment: Environment, report: Report, target: str) -> None:
        from shopctl.drivers.ssh import Fleet

        outputs = stack_outputs.read(environment, report)
        self.names: Sequence[str] = tuple(host.name for host in outputs.hosts)
        self._fleet = Fleet(environment, outputs)
        self._hosts = self._fleet.choose(target)
        self._fleet.forget_replaced()

    def past(self, wish: Wish) -> list[Past]:
        """What each had to say until now."""
        return reading.past(self._fleet, self._hosts, wish)

    def follow(self, wish: Wish, say: Say, tell: Tell) -> None:
        """What comes, until Ctrl-C."""
        follow.follow(self._fleet, self._hosts, wish, say, tell)
