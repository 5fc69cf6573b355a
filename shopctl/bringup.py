"""The hosts' part of `up`: each answers, is configured, and the shop on them answers over HTTPS."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shopctl.errors import ShopctlError
from shopctl.progress import of_tasks

if TYPE_CHECKING:
    from infra.outputs import Host, StackOutputs
    from shopctl.drivers.ansible import Result
    from shopctl.environment import Environment
    from shopctl.manifest import Manifest
    from shopctl.report import Report
    from shopctl.rollout.facts import Version

# A host of the local region answers within two seconds, one in the cloud within a minute or two.
SSH_SECONDS = 180.0
ANSWER_SECONDS = 60.0


def reach(environment: Environment, outputs: StackOutputs, only: Sequence[str] = ()) -> None:
    """Waits until every host, or those named, answers by SSH; raises with the console of one that doesn't."""
    from shopctl.drivers.ssh import Fleet

    fleet = Fleet(environment, outputs)
    fleet.forget_replaced()
    hosts = [host for host in outputs.hosts if not only or host.name in only]
    silent = fleet.wait_until_reachable(hosts, SSH_SECONDS)
    if silent:
        name, why = next(iter(silent.items()))
        host = next(h for h in outputs.hosts if h.name == name)
        raise ShopctlError(
            f"{', '.join(silent)} did not answer by SSH within {SSH_SECONDS:.0f} s: {why}",
            where=f"{name} ({host.address})",
            last_lines=_console(environment, host),
            next_step=f"shopctl --env {environment.name} status",
        )


def configure(
    environment: Environment,
    report: Report,
    raw: dict[str, Any],
    release: Manifest,
    image: str,
    only: Sequence[str] = (),
) -> Result:
    """Runs the playbook; `image` is how the hosts get the release, `only` names the hosts that it is limited to."""
    from shopctl.drivers import ansible
    from shopctl.rollout import preparation

    return ansible.play(
        environment,
        "site.yml",
        outputs=raw,
        variables=preparation.variables(release, image),
        limit=",".join(only) or None,
        on_event=of_tasks(report),
    )


def later_migrations(
    environment: Environment, outputs: StackOutputs, names: Sequence[str], release: Manifest
) -> tuple[str, ...]:
    """Those that run when all hosts serve the release.

    Raises BadInputError where the release that serves would not survive the others.
    """
    from shopctl.drivers.ssh import Fleet
    from shopctl.rollout import fleet, preparation
    from shopctl.rollout.facts import WORKER

    with fleet.lines(Fleet(environment, outputs), names) as lines:
        hosts = fleet.look(lines)
        groups = sorted({group for host in hosts for group in host.serving if group != WORKER})
        judged = preparation.judge_migrations(lines, hosts, release, groups)
        return judged.phases.post if judged else ()


def change_over(
    environment: Environment,
    report: Report,
    outputs: StackOutputs,
    names: Sequence[str],
    prepared: Version,
    evidence: dict[str, Any],
    later: Sequence[str] = (),
) -> int:
    """Has the version that was `prepared` on these web hosts serve there, as a deploy does; returns hosts that changed.

    `later`: migrations that run then.
    """
    from shopctl.drivers.ssh import Fleet
    from shopctl.rollout import fleet, planning
    from shopctl.rollout.changeover import Changeover

    with fleet.lines(Fleet(environment, outputs), names) as lines:
        hosts = fleet.look(lines)
        wanted = planning.Wanted(prepared.version, prepared.all_groups, later=tuple(later))
        evidence.update(release=wanted.release, version=wanted.version, before=planning.serving(hosts))
        plan = planning.plan("up", environment.name, hosts, wanted)
        Changeover(environment, report, outputs, lines, hosts, wanted, evidence).complete(judge=True)
        return len(plan.changes)


def verify(environment: Environment, report: Report, outputs: StackOutputs) -> None:
    """Waits until the shop answers through the balancer, be it with the maintenance page."""
    from shopctl.drivers import http
    from shopctl.maintenance import notice

    limit = time.monotonic() + ANSWER_SECONDS
    ca = environment.ca_file if environment.ca_file.exists() else None
    while True:
        said = ""
        try:
            answer = http.get(
                outputs.domain, "/api/v1/products", address=outputs.load_balancer.vip, ca=ca, timeout=10
            )
            if answer.status == 200:
                report(f"    {outputs.address}/api/v1/products answers", "green")
                return
            if notice.is_answer(answer.status, answer.body):
                report(f"    {outputs.address} is in maintenance: shopctl maintenance off ends it", "yellow")
                return
            said = f"HTTP {answer.status}"
            lines = answer.body.decode(errors="replace").splitlines()[:10]
        except ShopctlError as error:
            said, lines = error.what, []
        if time.monotonic() > limit:
            raise ShopctlError(
                f"the shop does not answer after {ANSWER_SECONDS:.0f} s: {said}",
                where=f"{outputs.address}/api/v1/products at {outputs.load_balancer.vip}",
                last_lines=lines,
                next_step=f"shopctl --env {environment.name} status; shopctl logs web",
            )
        time.sleep(0.5)


def _console(environment: Environment, host: Host) -> list[str]:
    if environment.region is None:
        return []
    from region.hosts import console_tail

    return console_tail(environment.region.name, host.instance_id).splitlines()
