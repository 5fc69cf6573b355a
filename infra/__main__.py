"""What `pulumi up` runs; shopctl runs the same program inline."""

import sys
from pathlib import Path

# Pulumi starts this file with infra/ on the path, while the program is the package `infra` beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from infra.program import program

program()
