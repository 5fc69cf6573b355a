"""What is done once for all hosts before they get a release: in one process, as starting one costs more than to ask."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from core import migrating
from shop import rights
from shop.groups import GROUPS


@dataclass(frozen=True)
class Wish:
    """What to do besides the migrations.

    `rights_now` are rows of what the accounts may do (`rights.observed`); without them rights are left alone. `revoke`
    takes what is too much: not while a release runs that may need it. `staff` is the first account of the merchants'
    admin, with `password`; empty for none.
    """

    rights_now: tuple[str, ...] | None = None
    revoke: bool = False
    publish: bool = False
    demo: bool = False
    staff: str = ""
    password: str = ""


@dataclass(frozen=True)
class Done:
    """A step and how many things it changed. `details`: a line for each, or for rights the SQL that changes them."""

    step: str
    changed: int
    details: tuple[str, ...] = ()


def prepare(wish: Wish) -> Iterator[Done]:
    """Do each step when it is asked for. A second time changes nothing, and a killed one is begun again."""
    said: list[str] = []
    changed = migrating.apply("pre", said.append)
    yield Done("migrations", changed, tuple(said))
    if wish.rights_now is not None:
        yield _rights(wish.rights_now, revoke=wish.revoke)
    if wish.publish:
        # Loaded when they have something to do: the storage's library alone takes half a second.
        from core.publishing import publish_release

        yield Done("files", publish_release(trusting=True))
    if wish.demo:
        from catalog.management.commands.seed_demo import seed

        yield Done("demo", seed())
    if wish.staff:
        from backoffice import roles

        made = roles.establish() + roles.ensure(name=wish.staff, role="manager", password=wish.password)
        yield Done("staff", made)


def _rights(now: Iterable[str], *, revoke: bool) -> Done:
    accounts = {group.name: f"shop_{group.name}" for group in GROUPS}
    found = rights.observed(now, {account: group for group, account in accounts.items()})
    needed = rights.statements(settings.SHOP.mysql.database, accounts, found, rights.wanted())
    statements = [line for line in needed if revoke or line.startswith("GRANT ")]
    return Done("rights", len(statements), tuple(statements))
