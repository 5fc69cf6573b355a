"""The provider as a plugin of its own, for plain `pulumi` and for probes from outside.

    python -m region.plugin --name local --cidr 10.77.0.0/16 --public-cidr 10.77.240.0/20 --operator-address 10.77.255.1
    python -m region.plugin --fast

The first line on standard output is the port that it serves on 127.0.0.1, as of every Pulumi plugin; the engine finds
it by PULUMI_DEBUG_PROVIDERS=tencentcloud:PORT. It serves until SIGTERM or SIGINT. Each option can be given as a
variable of the environment too: SHOPCTL_REGION_NAME, SHOPCTL_REGION_CIDR and so on.

With `--fast`, and without a region, nothing is made on the machine and no root is needed: creations are only kept on
record until the plugin ends. Without a region Check and Diff know just what the real provider's do.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence

from region.provider import serve
from region.settings import RegionSettings

_OPTIONS = {
    "name": "the region's name",
    "cidr": "all of the region's addresses",
    "public-cidr": "the part of them that stands for the internet",
    "operator-address": "this machine's own address in the region",
}


def settings(arguments: Sequence[str]) -> tuple[RegionSettings | None, bool]:
    """The region to serve, if any, and whether to make nothing on the machine. Exits with 2 when they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m region.plugin", description="Serve the local region to the Pulumi engine."
    )
    for option, meaning in _OPTIONS.items():
        variable = f"SHOPCTL_REGION_{option.upper().replace('-', '_')}"
        parser.add_argument(f"--{option}", default=os.environ.get(variable), help=f"{meaning} (${variable})")
    parser.add_argument("--fast", action="store_true", help="make nothing on the machine")
    parser.add_argument("engine", nargs="?", help="the engine's address, which engines give; not used")
    given = parser.parse_args(arguments)
    values = [given.name, given.cidr, given.public_cidr, given.operator_address]
    if not any(values):
        return None, True
    if not all(values):
        missing = [f"--{option}" for option, value in zip(_OPTIONS, values, strict=True) if not value]
        parser.error(f"a region needs {', '.join(missing)} too; for plans alone give --fast and none of them")
    try:
        return RegionSettings(*values), given.fast
    except ValueError as error:
        parser.error(str(error))


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal ends it."""
    # Standard output is for the port alone.
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(message)s")
    region, fast = settings(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with serve(region, fast=fast) as port:
        print(port, flush=True)
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
