"""The rehearsal's hands on the ops host: makes the place, fills it, runs releases there, and removes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl.drivers import subprocess
from shopctl.drivers.subprocess import CommandError
from shopctl.errors import ShopctlError
from shopctl.rehearse import facts, place, settings
from shopctl.rehearse.sizing import Host, Size

if TYPE_CHECKING:
    from infra.outputs import Host as Machine
    from shopctl.drivers.ssh import Fleet
    from shopctl.rehearse.source import Source, Stream

INSIDE = Path(__file__).parent / "inside"
LOOK_SECONDS = 60.0
LONGEST_SECONDS = 4 * 3600.0
SERVER_SECONDS = 60.0
REMOVE_SECONDS = 300.0
_PIPE = (INSIDE / "pipe.py").read_text
_HINT = "what is left is removed by the next `shopctl deploy --rehearse`"


@dataclass
class Bench:
    """`log` gets the full output of everything that is run."""

    fleet: Fleet
    machine: Machine
    log: Path

    def ready(self) -> bool:
        """Whether the host has what a rehearsal stands on."""
        done = self.fleet.run(self.machine, place.SERVERS_PROGRAM, timeout=LOOK_SECONDS)
        return done.code == 0

    def room(self) -> Host:
        """What the host has free. What an earlier rehearsal left is not."""
        free, size = facts.room(self._run(place.ROOM, seconds=LOOK_SECONDS))
        return Host(free, size, facts.memory(self._run(place.MEMORY, seconds=LOOK_SECONDS)))

    def measure(self, source: Source) -> Size:
        """How large the data is."""
        said = self._pipe(
            source.measure(), (), seconds=LOOK_SECONDS, what="the database could not be measured"
        )
        return facts.measured(said)

    def applied(self, source: Source) -> tuple[str, ...]:
        """The migrations that the data has."""
        said = self._pipe(source.applied(), (), seconds=LOOK_SECONDS, what="the migrations could not be read")
        return facts.applied(said)

    def remains(self) -> bool:
        """Whether something of a rehearsal is on the host."""
        left = self.fleet.run(self.machine, place.LEFT, timeout=LOOK_SECONDS).code == 0
        return left or bool(self._run(place.UNITS, seconds=LOOK_SECONDS).strip())

    def clear(self) -> None:
        """Ends and removes all of it, also what an earlier one left. Raises ShopctlError when something stays."""
        for argv in place.END:
            self.fleet.run(self.machine, argv, timeout=REMOVE_SECONDS)
        if unmount := place.unmount(self._run(place.MOUNTS, seconds=LOOK_SECONDS)):
            self._run(unmount)
        self._run(place.REMOVE)
        if self.remains():
            raise ShopctlError(
                "the rehearsal's remains could not be removed",
                where=self.machine.name,
                last_lines=self._run(place.UNITS, seconds=LOOK_SECONDS).splitlines(),
                next_step=f"on {self.machine.name}: lsof +D {place.FOLDER}",
            )

    def prepare(self) -> None:
        """The folder with its settings."""
        for argv in place.FOLDERS:
            self._run(argv)
        self._write(place.ENGINE, place.engine())

    def start_server(self, pool_bytes: int, database: str) -> None:
        """An empty database."""
        self._run(place.run(place.made()), what="no database server could be set up")
        limit = pool_bytes * 2 + 500_000_000
        self._run(place.started(place.SERVER, place.server(pool_bytes), memory_bytes=limit))
        until = time.monotonic() + SERVER_SECONDS
        while not self._answers():
            if time.monotonic() > until:
                raise ShopctlError(
                    "the rehearsal's database does not answer",
                    where=self.machine.name,
                    last_lines=self._log_of(place.SERVER),
                    next_step=_HINT,
                )
            time.sleep(0.3)
        self._run(place.client(), text=place.ACCOUNT.format(database))

    def copy(self, source: Source, database: str) -> None:
        """The data, from one process to the other: it never lies anywhere else."""
        self._pipe(
            source.copy(),
            place.client(database),
            seconds=LONGEST_SECONDS,
            what="the database could not be copied",
        )

    def load_image(self, archive: Path) -> None:
        """An image from this machine's disk."""
        subprocess.run(
            self.fleet.command(self.machine, place.run(place.podman("load", "--quiet"))),
            stdin=archive,
            log=self.log,
            what=f"the image could not be put on {self.machine.name}",
        )

    def pull_image(self, reference: str, access: str) -> None:
        """An image from the registry; `access` is what the registry wants, as podman reads it from a file."""
        self._write(place.ACCESS, access)
        argv = place.podman("pull", "--quiet", f"--authfile={place.ACCESS}", reference)
        self._run(place.run(argv), seconds=LONGEST_SECONDS, what=f"{reference} could not be pulled")

    def serve(self, image: str, release: str, database: str) -> None:
        """The release's processes, all groups in one."""
        self._write(place.SETTINGS, place.environment(settings.variables(database, release)))
        self._run(("rm", "--force", f"{place.SOCKETS}/{place.HTTP}", f"{place.SOCKETS}/{place.STOP}"))
        self._run(place.started(place.SHOP, place.container(image, ["web"], name=place.SHOP)))

    def load(self, told: Callable[[str], None]) -> None:
        """Loads the release until `stop_load`."""
        given = f'{{"socket": "{place.INSIDE}/{place.HTTP}", "stop": "{place.INSIDE}/{place.STOP}"}}'
        argv = place.run(place.inside("python", "-", given))
        until = time.monotonic() + SERVER_SECONDS
        while not self._runs():
            if time.monotonic() > until:
                raise ShopctlError(
                    "the release does not start on the copy",
                    where=self.machine.name,
                    last_lines=self._log_of(place.SHOP),
                )
            time.sleep(0.3)
        text = (INSIDE / "load.py").read_text()
        self._run(argv, text=text, on_line=told, seconds=LONGEST_SECONDS, expected=(0, 1))

    def stop_load(self) -> None:
        """Ends it, when what it has in hand is done."""
        self._run(("touch", f"{place.SOCKETS}/{place.STOP}"))

    def end_serving(self) -> None:
        """The release's processes go."""
        self.fleet.run(self.machine, ("systemctl", "stop", place.SHOP), timeout=REMOVE_SECONDS)
        self.fleet.run(self.machine, ("systemctl", "reset-failed", place.SHOP), timeout=LOOK_SECONDS)

    def migrate(self, image: str, phase: str, told: Callable[[str], None]) -> None:
        """Applies a phase's migrations, by the new release's own code."""
        argv = place.run(place.container(image, ["python", "-", phase], inputs=True))
        text = (INSIDE / "migrate.py").read_text()
        self._run(argv, text=text, on_line=told, seconds=LONGEST_SECONDS, expected=(0, 1))

    def last_lines(self) -> list[str]:
        """What the release on trial said last."""
        return self._log_of(place.SHOP)

    def _answers(self) -> bool:
        argv = (*place.client(), "--execute=SELECT 1")
        return self.fleet.run(self.machine, argv, timeout=LOOK_SECONDS).code == 0

    def _runs(self) -> bool:
        return self.fleet.run(self.machine, place.podman("container", "exists", place.SHOP)).code == 0

    def _log_of(self, unit: str) -> list[str]:
        argv = ("journalctl", f"--unit={unit}", "--output=cat", "--no-pager", "--lines=12")
        return self.fleet.run(self.machine, argv, timeout=LOOK_SECONDS).stdout.splitlines()

    def _write(self, file: str, text: str) -> None:
        self._run(("install", "--mode=0600", "/dev/stdin", file), text=text)

    def _pipe(self, stream: Stream, into: Sequence[str], *, seconds: float, what: str) -> str:
        program = ("python3", "-c", _PIPE())
        argv = place.run(program) if into else program
        text = place.piped(stream.commands, stream.environment, stream.text, into)
        return self._run(argv, text=text, seconds=seconds, what=what)

    def _run(
        self,
        argv: Sequence[str],
        *,
        text: str = "",
        seconds: float = REMOVE_SECONDS,
        what: str | None = None,
        on_line: Callable[[str], None] | None = None,
        expected: Sequence[int] = (0,),
    ) -> str:
        try:
            return subprocess.run(
                self.fleet.command(self.machine, argv),
                stdin=text,
                on_line=on_line,
                timeout=seconds,
                expected=expected,
            )
        except CommandError as error:
            # The whole command line has whole programs in it, for a reader of the error it is noise.
            raise ShopctlError(
                what or f"{argv[0]} failed",
                where=self.machine.name,
                command=" ".join(argv[:3]),
                exit_status=error.exit_status,
                last_lines=error.last_lines,
                next_step=_HINT,
            ) from error
