"""From the names that an operator types to the resources that are meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from shopctl.errors import BadInputError


def unknown(names: Iterable[str], urns: Iterable[str]) -> list[str]:
    """Those that name no resource among these."""
    known = set(urns)
    short = {name_of(urn) for urn in known}
    return [name for name in names if name not in known and name not in short]


def resolve(names: Iterable[str], urns: Iterable[str]) -> tuple[str, ...]:
    """The URNs of the named resources; a name is a URN or its last part (`compute-web-1`).

    Raises BadInputError for a name that nothing has, with near ones, and for one that several have.
    """
    known = sorted(set(urns))
    by_name: dict[str, list[str]] = {}
    for urn in known:
        by_name.setdefault(name_of(urn), []).append(urn)
    found: list[str] = []
    for name in names:
        meant = [name] if name in known else by_name.get(name, [])
        if not meant:
            near = get_close_matches(name_of(name), by_name, n=4, cutoff=0.5)
            raise BadInputError(
                f"no resource is named {name!r}",
                next_step=f"did you mean {', '.join(near)}?" if near else f"there are: {', '.join(by_name)}",
            )
        if len(meant) > 1:
            raise BadInputError(
                f"{len(meant)} resources are named {name!r}", last_lines=meant, next_step="give the whole URN"
            )
        found += meant
    return tuple(dict.fromkeys(found))


def name_of(urn: str) -> str:
    """A URN's last part."""
    return urn.split("::")[-1]
