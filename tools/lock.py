"""Locks the dependencies: requirements/<name>.in to <name>.lock, with hashes and without addresses.

`python -m tools.lock [--upgrade]`
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from tools.paths import ROOT

NAMES = ("build", "runtime", "dev", "go", "node")


def command(name: str) -> list[str]:
    """The resolver's command; universal, so that one file holds for every platform and Python."""
    return [
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet"),
        *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
        *("--python-version", "3.11", "--universal"),
        *(f"requirements/{name}.in", "-o", f"requirements/{name}.lock"),
    ]


def main(arguments: Sequence[str]) -> int:
    """Lock each file in turn; stops at the first that cannot be resolved."""
    for name in NAMES:
        # A folder of local wheels would add hashes that nobody else has.
        environment = {key: value for key, value in os.environ.items() if key != "UV_FIND_LINKS"}
        result = subprocess.run([*command(name), *arguments], cwd=ROOT, env=environment, check=False)
        if result.returncode:
            return result.returncode
        print(f"requirements/{name}.lock")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
