"""A rehearsal: a release's migrations on a copy of the database, under the load of the code that would meet them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shopctl import migrations, release
from shopctl import outputs as stack_outputs
from shopctl.errors import BadInputError, ShopctlError
from shopctl.rehearse import images, planning, samples, sizing, source, verdict
from shopctl.rehearse.bench import Bench
from shopctl.rehearse.planning import CALM_SECONDS, Script
from shopctl.rehearse.samples import Stage
from shopctl.rehearse.verdict import Verdict
from shopctl.rollout import fleet, preparation

if TYPE_CHECKING:
    from infra.outputs import StackOutputs
    from shopctl.drivers.ssh import Fleet
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.plan import Plan
    from shopctl.rehearse.source import Source
    from shopctl.report import Report
    from shopctl.rollout.facts import HostFacts

START_SECONDS = 90.0


@dataclass(frozen=True)
class Summary:
    """What came of it. Without a verdict there was nothing to rehearse, and `reason` says why."""

    environment: str
    release: str
    running: str
    seconds: float
    copied_bytes: int
    verdict: Verdict | None
    reason: str = ""

    @property
    def good(self) -> bool:
        """Whether the release may be deployed as far as its migrations are concerned."""
        return self.verdict is None or self.verdict.good

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "release": self.release,
            "running": self.running,
            "seconds": self.seconds,
            "copied_bytes": self.copied_bytes,
            "good": self.good,
            "reason": self.reason,
            "verdict": self.verdict.as_json() if self.verdict else None,
        }


@dataclass
class _Stack:
    """What is known of the stack while the operation lasts."""

    raw: dict[str, Any]
    outputs: StackOutputs
    fleet: Fleet
    hosts: list[HostFacts]
    wanted: Manifest


class Rehearse:
    """The operation. `word` is the release's id or its beginning; None takes the checkout's. `data` is where the copy
    comes from; None takes the stack's database."""

    name = "rehearse"

    def __init__(
        self, environment: Environment, report: Report, word: str | None = None, data: Source | None = None
    ) -> None:
        self.evidence: dict[str, Any] = {}
        self._environment, self._report = environment, report
        self._word, self._data = word, data
        self._known: _Stack | None = None

    def plan(self) -> Plan:
        """Looks. Raises BadInputError where no release runs, or the ops host has no room or no database server."""
        with self._report.phase("look"):
            return planning.plan(planning.checked(self._look()))

    def apply(self, planned: Plan | None) -> tuple[Plan, Summary]:
        """Plays it, and removes every trace."""
        began = time.monotonic()
        with self._report.phase("look"):
            script = planning.checked(self._look())
        plan = planning.plan(script)
        self.evidence.update(
            release=script.wanted,
            running=script.running,
            migrations={"pre": list(script.phases.pre), "post": list(script.phases.post)},
        )
        if plan.empty:
            self.evidence["nothing_to_do"] = plan.reason
            return plan, self._summary(script, began, None, plan.reason)
        bench = self._bench()
        with self._place(bench):
            self._fill(bench, script)
            judged = self._play(bench, script)
        self.evidence["verdict"] = judged.as_json()
        return plan, self._summary(script, began, judged)

    def _stack(self) -> _Stack:
        from shopctl.drivers.ssh import Fleet

        if self._known is None:
            raw = stack_outputs.raw(self._environment, self._report)
            outputs = stack_outputs.parse(self._environment, raw)
            hosts = Fleet(self._environment, outputs)
            wanted = release.find(self._word) if self._word else release.build(self._report)
            self._known = _Stack(raw, outputs, hosts, [], wanted)
        return self._known

    def _bench(self) -> Bench:
        stack = self._stack()
        machines = [host for host in stack.outputs.hosts if host.role == "ops"]
        if not machines:
            raise BadInputError(
                "a rehearsal takes place on the ops host, and this stack has none",
                next_step=f"give {self._environment.config_file.name} one",
            )
        return Bench(stack.fleet, machines[0], self._environment.logs / "rehearse.log")

    def _source(self) -> Source:
        return self._data or source.of_stack(self._stack().outputs)

    def _look(self) -> Script:
        stack, bench, data = self._stack(), self._bench(), self._source()
        if not bench.ready():
            raise BadInputError(
                f"{bench.machine.name} has no database server to rehearse with",
                where=bench.machine.name,
                next_step=f"shopctl --env {self._environment.name} up configures it",
            )
        with fleet.lines(stack.fleet) as lines:
            stack.hosts = fleet.look(lines)
        running = {host.release("trade") for host in stack.hosts}
        only = running.pop() if len(running) == 1 else None
        if only is None:
            raise BadInputError(
                "the web hosts do not run one release whose code could be tried",
                next_step=f"shopctl --env {self._environment.name} deploy ends what was begun",
            )
        there = bench.applied(data)
        phases = migrations.split(stack.wanted.migrations, there)
        size, host = bench.measure(data), bench.room()
        sent = [stack.wanted.bytes, stack.wanted.bytes]
        watching = 2 * CALM_SECONDS * planning.stages(phases)
        return Script(
            environment=self._environment.name,
            running=only,
            wanted=stack.wanted.id,
            phases=phases,
            source=data.label,
            size=size,
            machine=bench.machine.name,
            host=host,
            needs=sizing.needs(size, sent, host, watching_seconds=watching),
            warnings=(
                *(f"a deploy refuses {said}" for said in migrations.refusals(stack.wanted.migrations, there)),
                *migrations.warnings(stack.wanted.migrations, there),
            ),
            remains=bench.remains(),
        )

    @contextmanager
    def _place(self, bench: Bench) -> Iterator[None]:
        bench.clear()
        try:
            yield
        except BaseException:
            try:
                bench.clear()
            except ShopctlError as second:
                # What went wrong before it is more important.
                self._report.warn(f"{second.what}; the next rehearsal tries again")
            raise
        with self._report.phase("removal"):
            bench.clear()

    def _fill(self, bench: Bench, script: Script) -> None:
        data, database = self._source(), self._stack().outputs.mysql.database
        with self._report.phase("images"):
            bench.prepare()
            self._bring(bench, script)
        with self._report.phase("copy"):
            bench.start_server(script.needs.pool, database)
            bench.copy(data, database)

    def _bring(self, bench: Bench, script: Script) -> None:
        stack = self._stack()
        version = stack.hosts[0].versions[stack.hosts[0].serving["trade"]]
        new = preparation.publish(self._environment, self._report, stack.outputs, stack.wanted, stack.hosts)
        self._images = {script.running: version.image, script.wanted: new}
        for id_, reference in self._images.items():
            if images.is_local(reference):
                bench.load_image(images.archive(id_, stack.wanted))
            else:
                bench.pull_image(reference, images.access(stack.outputs))

    def _play(self, bench: Bench, script: Script) -> Verdict:
        played = list[Stage]()
        for phase, id_, names in (
            ("pre", script.running, script.phases.pre),
            ("post", script.wanted, script.phases.post),
        ):
            if names and not any(stage.migrated.failed for stage in played):
                with self._report.phase(f"{phase}-deploy migrations under the load of {id_}"):
                    played.append(self._stage(bench, script, phase, id_))
        return verdict.judge(played)

    def _stage(self, bench: Bench, script: Script, phase: str, id_: str) -> Stage:
        database = self._stack().outputs.mysql.database
        heard, told = list[str](), list[str]()
        bench.serve(self._images[id_], id_, database)
        with ThreadPoolExecutor(1) as pool:
            load = pool.submit(bench.load, heard.append)
            try:
                _until_started(heard, load)
                time.sleep(CALM_SECONDS)
                if not load.done():
                    bench.migrate(self._images[script.wanted], phase, self._hear(told))
                    time.sleep(CALM_SECONDS)
            finally:
                bench.stop_load()
            load.result()
        stage = Stage(phase, id_, samples.watched(heard), samples.migrated(told))
        why = verdict.unfit(stage)
        if why:
            raise ShopctlError(
                f"the rehearsal can tell nothing: {why}",
                where=bench.machine.name,
                last_lines=bench.last_lines(),
            )
        bench.end_serving()
        return stage

    def _hear(self, told: list[str]) -> Callable[[str], None]:
        def hear(line: str) -> None:
            told.append(line)
            for ran in samples.migrated([line]).ran:
                self._report(f"    {ran.name}: {ran.seconds:.1f} s")

        return hear

    def _summary(self, script: Script, began: float, judged: Verdict | None, reason: str = "") -> Summary:
        copied = script.size.bytes if judged else 0
        seconds = round(time.monotonic() - began, 1)
        return Summary(script.environment, script.wanted, script.running, seconds, copied, judged, reason)


def _until_started(heard: list[str], load: Future[None]) -> None:
    until = time.monotonic() + START_SECONDS
    while not any('"started"' in line for line in heard) and not load.done():
        if time.monotonic() > until:
            raise ShopctlError(f"the release did not answer on the copy within {START_SECONDS:.0f} s")
        time.sleep(0.2)
