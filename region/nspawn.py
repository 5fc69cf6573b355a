"""The process of systemd-nspawn behind a host: how it is started, found again and ended.

Its id stands in the host's `pid` file with the time at which it started, which together name one process for good.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from region import spawn
from region.process import unmount

RUNTIME = Path("/run/systemd/nspawn")
"""Where systemd-nspawn keeps locks and folders for each host."""

Groups = Sequence[Path]
"""Files that take the id of a process that shall be in a control group."""


def start_time(pid: int) -> str | None:
    """When a process started, in clock ticks since boot (proc(5)).

    None when it has ended, be it that its parent has not asked yet how.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def pid_of(home: Path) -> int | None:
    """The running process of the host with that folder, or None."""
    try:
        pid, _, started = (home / "pid").read_text().partition(" ")
    except FileNotFoundError:
        return None
    return int(pid) if pid and start_time(int(pid)) == started.strip() else None


def init_of(home: Path) -> int | None:
    """The process that is init inside the host, or None while there is none."""
    pid = pid_of(home)
    if pid is None:
        return None
    try:
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                return child
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None


def command(
    machine: str,
    hostname: str,
    namespace: str,
    home: Path,
    binds: dict[str, str],
    devices: dict[str, str] | None = None,
) -> list[str]:
    """systemd-nspawn's arguments.

    `binds` maps a folder in the host to one under the host's `data/`; `devices` a device in it to one of the machine.
    """
    return [
        "systemd-nspawn",
        "--quiet",
        f"--directory={home / 'root'}",
        f"--machine={machine}",
        f"--hostname={hostname}",
        f"--network-namespace-path=/run/netns/{namespace}",
        # No machined and no unit of the machine's own systemd: containers of CI have neither.
        "--register=no",
        "--keep-unit",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        # Containers inside the host need what a real host's root has.
        "--capability=all",
        "--system-call-filter=@keyring @mount bpf",
        # What systemd gives on a real host (systemd-system.conf(5), DefaultLimitNOFILE), whatever this shell has.
        "--rlimit=NOFILE=1024:524288",
        *(f"--bind={home / 'data' / inside}:{path}" for path, inside in binds.items()),
        *(f"--bind={device}:{path}" for path, device in (devices or {}).items()),
        "--boot",
    ]


def start(argv: list[str], home: Path, groups: Groups) -> None:
    """Start a host's process in its control groups, detached from this one, its console in `console.log`."""
    reader, writer = os.pipe()
    try:
        # Alone and without site-packages, so that it costs no more than a few milliseconds.
        before = [sys.executable, "-I", "-S", spawn.__file__, str(reader)]
        with (home / "console.log").open("ab") as console:
            process = subprocess.Popen(
                [*before, *argv],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                pass_fds=(reader,),
                cwd="/",
                # Debian 13's systemd does not accept cgroup v1, whatever the machine itself uses.
                env={"PATH": os.environ.get("PATH", ""), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        # The host outlives this process; Popen would warn of a child that nobody waits for.
        process.returncode = 0
        for group in groups:
            group.write_text(str(process.pid))
        partial = home / "pid.partial"
        partial.write_text(f"{process.pid} {start_time(process.pid)}\n")
        partial.rename(home / "pid")
        os.write(writer, b"!")
    finally:
        os.close(reader)
        os.close(writer)


def end(home: Path, how: signal.Signals, timeout: float) -> None:
    """End a host: SIGTERM shuts it down in order, SIGKILL pulls its plug. After `timeout` seconds by force."""
    pid = pid_of(home)
    if pid is None:
        return
    init = init_of(home)
    with contextlib.suppress(ProcessLookupError):  # one that ends at this moment
        # With init, everything of the host is gone at once, and nspawn ends by itself.
        os.kill(init if init and how is signal.SIGKILL else pid, how)
    deadline = time.monotonic() + timeout
    while pid_of(home) and time.monotonic() < deadline:
        reap(pid)
        time.sleep(0.05)
    if pid_of(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        while pid_of(home):
            reap(pid)
            time.sleep(0.01)


def runtime(machine: str) -> list[Path]:
    """What systemd-nspawn keeps of a host, or of all whose names begin so, for as long as it runs, and leaves when it
    is killed.
    """
    return sorted(RUNTIME.glob(f"*/{machine}*"))


def locks(root: Path) -> list[Path]:
    """The files by which systemd-nspawn keeps a second one out of a host's mounted root (image_path_lock())."""
    status = root.stat()
    inode = RUNTIME / "locks" / f"inode-{status.st_dev}:{status.st_ino}"
    return [file for file in (inode, root.parent / f".#{root.name}.lck") if file.exists()]


def forget(paths: Sequence[Path]) -> None:
    """Remove such files and folders. Newer versions leave a file system mounted on one, which bars the next host."""
    for path in paths:
        if path.is_file():
            path.unlink(missing_ok=True)
            continue
        if os.path.ismount(path):
            unmount(path)
        if path.exists():
            shutil.rmtree(path)


def reap(pid: int) -> None:
    """Take the exit status of a child of ours, so that it doesn't stay a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
