"""Runs in a container of the new release: applies the migrations of a phase, and prints one JSON object for each.

It is sent there as text and stands on what the image has. Times are this host's clock, in seconds.
"""

import json
import sys
import time
import traceback
from importlib import import_module

import django


def main(phase: str) -> None:
    """Apply them."""
    django.setup()
    migrating = import_module("core.migrating")

    def say(line: str) -> None:
        name, seconds, _ = line.split(" ")
        print(json.dumps({"migration": name, "ended": time.time(), "seconds": float(seconds)}), flush=True)

    print(json.dumps({"began": time.time()}), flush=True)
    changed = migrating.apply(phase, say)
    print(json.dumps({"changed": changed, "ended": time.time()}), flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Exception:  # noqa: BLE001 - the operator's side reads it from here
        print(json.dumps({"failed": traceback.format_exc()[-1500:], "ended": time.time()}), flush=True)
        sys.exit(1)
