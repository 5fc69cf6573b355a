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
import time
from dataclasses import asdict, replace
from pathlib import Path

from region import cgroups, host_limits, images, loops, names, nspawn
from region.errors import ProcessError, RegionError
from region.host_files import Host, HostStatus, all_hosts, console_tail, disk_file, folder, list_hosts, load
from region.network import Network
from region.process import run, unmount
from region.settings import RegionSettings

__all__ = ["Host", "HostControl", "HostStatus", "all_hosts", "console_tail", "folder", "list_hosts", "load"]


class HostControl:
    """Makes, boots, reaches and removes one host. Every method is safe to repeat."""

    def __init__(self, settings: RegionSettings, host: Host) -> None:
        self.settings = settings
        self.host = host
        self.home = folder(settings.name, host.id)
        self.root = self.home / "root"
        self._network = Network(settings)
        self._images = settings.root / "images"
        self._leader: int | None = None

    def prepare(self) -> None:
        """Lay the host's folder and mount its root, so that files can be put in before it boots."""
        for name in ("upper", "work", "root", "data"):
            (self.home / name).mkdir(parents=True, exist_ok=True)
        for inside in self.host.binds.values():
            (self.home / "data" / inside).mkdir(parents=True, exist_ok=True)
        self.save()
        if not os.path.ismount(self.root):
            lower = ":".join(str(layer) for layer in images.layers(self.host.image, self._images))
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
        if (self._images / self.host.image).exists():
            for path, inside in self.host.binds.items():
                self._seed(self.home / "data" / inside, self.root / path.lstrip("/"))
        self._write_name()
        self.write("/etc/resolv.conf", f"nameserver {self.host.resolver}\noptions timeout:2 attempts:2\n")
        if not (self.root / "etc/machine-id").read_text().strip():
            self.write("/etc/machine-id", f"{os.urandom(16).hex()}\n")

    def _seed(self, bound: Path, inside: Path) -> None:
        """What an image of an instance has where a folder is bound over it comes into that folder, once."""
        if inside.is_dir() and any(inside.iterdir()) and not any(bound.iterdir()):
            run(["cp", "--archive", "--reflink=auto", f"{inside}/.", bound], timeout=600)

    def _write_name(self) -> None:
        self.write("/etc/hostname", f"{self.host.name}\n")
        self.write(
            "/etc/hosts",
            f"127.0.0.1 localhost\n{self.host.address} {self.host.name}\n::1 localhost ip6-localhost\n",
        )

    def rename(self, name: str) -> None:
        """Have the running host call itself so, whatever it calls itself now."""
        if self.host.name != name or (self.root / "etc/hostname").read_text().strip() != name:
            self.save(replace(self.host, name=name))
            self._write_name()
        self.run(["hostname", name])

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
        if not nspawn.pid_of(self.home):
            cgroups.kill(self.settings.name, self.host.id)
            # After a restart of the machine neither the mount nor the namespace is there.
            self.prepare()
            namespace = self._network.attach(self.host.id, self.host.router, self.host.addresses)
            machine = names.machine(self.settings.name, self.host.id)
            files = {name: disk_file(self.settings.root, disk) for name, disk in self.host.disks.items()}
            devices = {f"/dev/{name}": loops.hold(file) for name, file in files.items()}
            argv = nspawn.command(machine, self.host.name, namespace, self.home, self.host.binds, devices)
            limits = host_limits.apply(self.settings.name, self.host.id, self.host.limits)
            nspawn.start(argv, self.home, [*cgroups.make(self.settings.name, self.host.id), *limits])
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not nspawn.pid_of(self.home):
                raise self._failure("died while booting")
            if self._booted():
                return
            time.sleep(0.1)
        raise self._failure(f"did not come up within {timeout:.0f} s")

    def name_disks(self) -> None:
        """Have the host find its disks by their ids too, as the cloud's does, at each boot."""
        links = (
            f"L+ /dev/disk/by-id/virtio-{disk} - - - - ../../{name}\n"
            for name, disk in self.host.disks.items()
        )
        self.write("/etc/tmpfiles.d/region-disks.conf", "".join(links))

    def _booted(self) -> bool:
        if not self.leader():
            return False
        state = self._enter(["systemctl", "is-system-running"], check=False, timeout=20).strip()
        return state in {"running", "degraded"}

    def leader(self) -> int | None:
        """The process that is init inside the host."""
        if self._leader is None or not nspawn.pid_of(self.home) or not nspawn.start_time(self._leader):
            self._leader = nspawn.init_of(self.home)
        return self._leader

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

    def stop(self, timeout: float = 30, how: signal.Signals = signal.SIGTERM) -> None:
        """Shut the host down in order, as its data wants it; after `timeout` seconds, or with SIGKILL, by force."""
        nspawn.end(self.home, how, timeout)

    def limit(self) -> None:
        """Hold the running host to its limits, without a restart."""
        host_limits.apply(self.settings.name, self.host.id, self.host.limits)

    def unplug(self) -> None:
        """Take a stopped host off its router; `boot` puts it on the one that it has by then."""
        self._network.detach(self.host.id, self.host.router)

    def delete(self) -> None:
        """Remove the host and its data; nothing of it stays on the machine.

        A removal that was killed is found again: the file that names the host goes last.
        """
        nspawn.end(self.home, signal.SIGKILL, 10)
        cgroups.kill(self.settings.name, self.host.id)
        cgroups.remove(self.settings.name, self.host.id)
        self._network.detach(self.host.id, self.host.router)
        machine = names.machine(self.settings.name, self.host.id)
        nspawn.forget([path for path in nspawn.runtime(machine) if path.name == machine])
        while os.path.ismount(self.root):
            nspawn.forget(nspawn.locks(self.root))
            unmount(self.root)
        if self.home.exists():
            for path in [*self.home.iterdir()]:
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "host.json":
                    path.unlink()
            shutil.rmtree(self.home)

    def _failure(self, what: str) -> RegionError:
        tail = console_tail(self.settings.name, self.host.id)
        return RegionError(
            f"host {self.host.name} ({self.host.id}, {self.host.kind}) {what}; its console's last lines:\n{tail}"
        )
