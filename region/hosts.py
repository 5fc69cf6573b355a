"""Hosts: Debian systems booted by systemd-nspawn, each on an overlay of an image and in a namespace of its own.

A host's folder under the region's root is all there is to know of it:

    host.json     the `Host` below
    upper/ work/  what the host wrote over its image
    root/         the overlay, mounted while the host exists
    data/         folders of the machine's file system bound into the host (databases, container storage)
    console.log   what the host said while booting
    pid           the process of systemd-nspawn, and when it started
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from region import cgroups, images, names, spawn
from region.errors import ProcessError, RegionError
from region.network import Network
from region.process import run
from region.settings import REGIONS_ROOT, RegionSettings

State = Literal["running", "stopped", "failed"]


@dataclass(frozen=True)
class Host:
    """What a host is made of.

    `kind` names what it stands for (`instance`, `mysql`, `balancer`, ...). `addresses` are its own first, then virtual
    ones. `binds` maps a folder in the host to a folder under its `data/`. `groups` are its security groups; a host with
    None of them takes what comes. Hosts of one `service` (an instance and its standby) may speak freely to each other.
    """

    id: str
    name: str
    kind: str
    image: str
    router: str
    addresses: tuple[str, ...]
    resolver: str
    binds: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] | None = None
    service: str = ""

    @property
    def address(self) -> str:
        return self.addresses[0]


@dataclass(frozen=True)
class HostStatus:
    """A host as it is on the machine just now."""

    id: str
    name: str
    kind: str
    address: str
    state: State


def folder(region: str, host_id: str) -> Path:
    return REGIONS_ROOT / region / "hosts" / host_id


def console_tail(region: str, host_id: str, lines: int = 15) -> str:
    """The last lines that a host wrote on its console."""
    log = folder(region, host_id) / "console.log"
    return (
        "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
        if log.exists()
        else "(no console output)"
    )


def list_hosts(region: str) -> list[HostStatus]:
    """The hosts of a region, by name, with their state."""
    found: list[HostStatus] = []
    for file in sorted((REGIONS_ROOT / region / "hosts").glob("*/host.json")):
        host = load(file)
        state: State = "running" if _nspawn_pid(file.parent) else "stopped"
        found.append(HostStatus(host.id, host.name, host.kind, host.address, state))
    return sorted(found, key=lambda host: host.name)


def load(file: Path) -> Host:
    raw = json.loads(file.read_text())
    groups = None if raw["groups"] is None else tuple(raw["groups"])
    return Host(**{**raw, "addresses": tuple(raw["addresses"]), "groups": groups})


def all_hosts(region: str) -> list[Host]:
    """Every host of a region that was made, running or not."""
    return [load(file) for file in sorted((REGIONS_ROOT / region / "hosts").glob("*/host.json"))]


def _start_time(pid: int) -> str | None:
    """When a process started, in clock ticks since boot: with the pid it names one process for good (proc(5)).

    None when it has ended, be it that its parent has not asked yet how.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def _nspawn_pid(home: Path) -> int | None:
    file = home / "pid"
    if not file.exists():
        return None
    pid, _, started = file.read_text().partition(" ")
    return int(pid) if pid and _start_time(int(pid)) == started.strip() else None


class HostControl:
    """Makes, boots, reaches and removes one host. Every method is safe to repeat."""

    def __init__(self, settings: RegionSettings, host: Host) -> None:
        self.settings = settings
        self.host = host
        self.home = folder(settings.name, host.id)
        self.root = self.home / "root"
        self._network = Network(settings)
        self._leader: int | None = None

    def prepare(self) -> None:
        """Lay the host's folder and mount its root, so that files can be put in before it boots."""
        for name in ("upper", "work", "root", "data"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        for inside in self.host.binds.values():
            (self.home / "data" / inside).mkdir(parents=True, exist_ok=True)
        self.save()
        if not os.path.ismount(self.root):
            lower = ":".join(str(layer) for layer in images.layers(self.host.image))
            options = f"lowerdir={lower},upperdir={self.home / 'upper'},workdir={self.home / 'work'}"
            run(
                [
                    "mount",
                    "-t",
                    "overlay",
                    names.machine(self.settings.name, self.host.id),
                    "-o",
                    options,
                    self.root,
                ]
            )
        self.write("/etc/hostname", f"{self.host.name}\n")
        self.write(
            "/etc/hosts",
            f"127.0.0.1 localhost\n{self.host.address} {self.host.name}\n::1 localhost ip6-localhost\n",
        )
        self.write("/etc/resolv.conf", f"nameserver {self.host.resolver}\noptions timeout:2 attempts:2\n")
        if not (self.root / "etc/machine-id").read_text().strip():
            self.write("/etc/machine-id", f"{os.urandom(16).hex()}\n")

    def save(self, host: Host | None = None) -> None:
        """Keep what the host is made of; `host` replaces what it was."""
        self.host = host or self.host
        partial = self.home / "host.json.partial"
        partial.write_text(json.dumps(asdict(self.host), indent=2))
        partial.rename(self.home / "host.json")

    def write(self, path: str, text: str | bytes, mode: int = 0o644, owner: str | None = None) -> None:
        """Put a file into the host. `owner` is a user and group of the host, by name."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Unlinked first: /etc/resolv.conf may be a link that leads out of the host's root.
        target.unlink(missing_ok=True)
        target.touch(mode=mode)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        target.chmod(mode)
        if owner:
            run(["chroot", self.root, "chown", f"{owner}:", path])

    def enable(self, *units: str) -> None:
        """Have systemd start `units` when the host boots."""
        run(["systemctl", f"--root={self.root}", "--quiet", "enable", *units])

    def boot(self, timeout: float = 60) -> None:
        """Start the host unless it runs, and wait until systemd says that it is up (`timeout` in seconds).

        Raises `RegionError` with the console's last lines when the host dies or does not come up.
        """
        if not _nspawn_pid(self.home):
            cgroups.kill(self.settings.name, self.host.id)
            # After a restart of the machine neither the mount nor the namespace is there.
            self.prepare()
            namespace = self._network.attach(self.host.id, self.host.router, self.host.addresses)
            self._spawn(namespace)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not _nspawn_pid(self.home):
                raise self._failure("died while booting")
            if self._booted():
                return
            time.sleep(0.1)
        raise self._failure(f"did not come up within {timeout:.0f} s")

    def _spawn(self, namespace: str) -> None:
        binds = [f"--bind={self.home / 'data' / inside}:{path}" for path, inside in self.host.binds.items()]
        groups = cgroups.make(self.settings.name, self.host.id)
        argv = [
            # Alone and without site-packages, so that it costs no more than a few milliseconds.
            *(sys.executable, "-I", "-S", spawn.__file__, str(self.home / "pid"), *map(str, groups), "--"),
            "systemd-nspawn",
            "--quiet",
            f"--directory={self.root}",
            f"--machine={names.machine(self.settings.name, self.host.id)}",
            f"--hostname={self.host.name}",
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
            *binds,
            "--boot",
        ]
        with (self.home / "console.log").open("ab") as console:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                cwd="/",
                # Debian 13's systemd does not accept cgroup v1, whatever the machine itself uses.
                env={"PATH": os.environ.get("PATH", ""), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )
        self._wait_for_pid(process.pid)
        # The host outlives this process; Popen would warn of a child that nobody waits for.
        process.returncode = 0

    def _wait_for_pid(self, pid: int) -> None:
        deadline = time.monotonic() + 10
        while _nspawn_pid(self.home) != pid and _start_time(pid) and time.monotonic() < deadline:
            time.sleep(0.005)

    def _booted(self) -> bool:
        if not self.leader():
            return False
        state = self._enter(["systemctl", "is-system-running"], check=False, timeout=20).strip()
        return state in {"running", "degraded"}

    def leader(self) -> int | None:
        """The process that is init inside the host."""
        nspawn = _nspawn_pid(self.home)
        if nspawn is None:
            return None
        if self._leader and Path(f"/proc/{self._leader}").exists():
            return self._leader
        try:
            children = Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split()
            for child in map(int, children):
                status = Path(f"/proc/{child}/status").read_text()
                if "\tsystemd\n" in status.splitlines(keepends=True)[0]:
                    self._leader = child
                    return child
        except (FileNotFoundError, ProcessLookupError):
            return None
        return None

    def run(self, argv: list[str], *, stdin: str | None = None, timeout: float = 120) -> str:
        """Run a command inside the host and return its output. Raises `RegionError` naming the host."""
        if not self.leader():
            raise self._failure("is not running")
        try:
            return self._enter(argv, stdin=stdin, timeout=timeout)
        except ProcessError as error:
            raise RegionError(f"host {self.host.name} ({self.host.id}): {error}") from error

    def _enter(
        self, argv: list[str], *, stdin: str | None = None, timeout: float = 120, check: bool = True
    ) -> str:
        enter = [
            "nsenter",
            f"--target={self.leader()}",
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--cgroup",
            "--root",
        ]
        clean = [
            "env",
            # nsenter's own --wd is a folder of the machine, in which some programs of the host find no way home.
            "--chdir=/",
            "-i",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            "LANG=C.UTF-8",
        ]
        return run([*enter, "--", *clean, *argv], stdin=stdin, timeout=timeout, check=check)

    def wait_for(self, argv: list[str], what: str, timeout: float = 60) -> None:
        """Repeat a command inside the host until it succeeds (`timeout` in seconds)."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.run(argv, timeout=20)
                return
            except RegionError as error:
                if time.monotonic() > deadline or not self.leader():
                    raise self._failure(f"{what} not ready after {timeout:.0f} s: {error}") from error
            time.sleep(0.15)

    def stop(self, timeout: float = 30) -> None:
        """Shut the host down in order, as its data wants it; after `timeout` seconds by force."""
        self._end(signal.SIGTERM, timeout)

    def _end(self, how: signal.Signals, timeout: float) -> None:
        pid = _nspawn_pid(self.home)
        if pid is None:
            return
        if how is signal.SIGKILL and (leader := self.leader()):
            os.kill(leader, signal.SIGKILL)
        else:
            os.kill(pid, how)
        deadline = time.monotonic() + timeout
        while _nspawn_pid(self.home) and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(0.05)
        if _nspawn_pid(self.home):
            os.kill(pid, signal.SIGKILL)
            _reap(pid)

    def delete(self) -> None:
        """Remove the host and its data; nothing of it stays on the machine."""
        self._end(signal.SIGKILL, 10)
        cgroups.kill(self.settings.name, self.host.id)
        cgroups.remove(self.settings.name, self.host.id)
        self._network.detach(self.host.id)
        if os.path.ismount(self.root):
            run(["umount", self.root])
        if self.home.exists():
            shutil.rmtree(self.home)

    def _failure(self, what: str) -> RegionError:
        tail = console_tail(self.settings.name, self.host.id)
        return RegionError(
            f"host {self.host.name} ({self.host.id}, {self.host.kind}) {what}; its console's last lines:\n{tail}"
        )


def _reap(pid: int) -> None:
    """Take the exit status of a child of ours, so that it doesn't stay a zombie; others' children end by themselves."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
