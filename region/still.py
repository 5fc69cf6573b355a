"""Copy folders while a control group's processes stand still: `still.py GROUP|- SOURCE TARGET [SOURCE TARGET...]`.

A program of its own, so that the processes go on whatever becomes of its caller (cgroup v2's freezer,
admin-guide/cgroup-v2.rst, cgroup.freeze).
"""

import subprocess
import sys
import time
from pathlib import Path


def main(group: str, *pairs: str) -> None:
    """Freeze, copy each source's contents into its target, thaw."""
    try:
        if group != "-":
            Path(group, "cgroup.freeze").write_text("1")
            deadline = time.monotonic() + 10
            while "frozen 1" not in Path(group, "cgroup.events").read_text():
                if time.monotonic() > deadline:
                    sys.exit(f"the processes of {group} did not stand still within 10 s")
                time.sleep(0.01)
        for source, target in zip(pairs[::2], pairs[1::2], strict=True):
            Path(target).mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "--archive", "--reflink=auto", f"{source}/.", target], check=True)
    finally:
        if group != "-":
            Path(group, "cgroup.freeze").write_text("0")


if __name__ == "__main__":
    main(*sys.argv[1:])
