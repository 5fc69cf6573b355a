"""How much a host may send: a token bucket on its interface, from outside of it."""

import re

from region.errors import ProcessError
from region.names import namespace
from region.process import run

_SCALE = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def limit(region: str, host_id: str, rate: int | None) -> None:
    """Hold what a host sends to `rate` Mbit/s; None takes the limit away."""
    if rate == limited(region, host_id):
        return
    where = ["tc", "-netns", namespace(region, host_id), "qdisc"]
    if rate is None:
        run([*where, "delete", "dev", "eth0", "root"])
        return
    # A tenth of a second at full rate may go at once; less would keep a fast link from reaching its rate.
    shape = ["tbf", "rate", f"{rate}mbit", "burst", f"{rate * 12500}", "latency", "100ms"]
    run([*where, "replace", "dev", "eth0", "root", *shape])


def limited(region: str, host_id: str) -> int | None:
    """To how many Mbit/s a host is held, or None."""
    try:
        shown = run(["tc", "-netns", namespace(region, host_id), "qdisc", "show", "dev", "eth0", "root"])
    except ProcessError:
        # A host that is down has no interface.
        return None
    return parse(shown)


def parse(shown: str) -> int | None:
    """The rate in `tc qdisc show`'s words, in Mbit/s. Pure."""
    found = re.search(r"tbf .*rate (\d+)([KMG]?)bit", shown)
    return round(int(found[1]) * _SCALE[found[2]] / 1_000_000) if found else None
