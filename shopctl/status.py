"""Is the environment healthy? Every component is looked at, at once, with short timeouts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from shopctl import outputs as stack_outputs
from shopctl import registry, storage
from shopctl.drivers import http
from shopctl.errors import ShopctlError
from shopctl.maintenance import notice
from shopctl.rollout import commands, facts

if TYPE_CHECKING:
    from infra.outputs import Host, StackOutputs
    from shopctl.drivers.ssh import Fleet
    from shopctl.environment import Environment
    from shopctl.report import Report

State = Literal["healthy", "degraded", "unhealthy", "unknown"]
TIMEOUT = 5.0
# The services that the shop's /readyz speaks of, and what they are.
SERVICES = {
    "mysql": "database",
    "redis": "cache",
    "mongodb": "documents",
    "rabbitmq": "queue",
    "s3": "storage",
}
# A stack may do without these.
OPTIONAL = {"replica": "database"}


@dataclass(frozen=True)
class Component:
    """One part of the environment."""

    name: str
    kind: str
    state: State
    detail: str


@dataclass(frozen=True)
class Status:
    """The whole."""

    environment: str
    components: tuple[Component, ...]

    @property
    def healthy(self) -> bool:
        """Whether everything is."""
        return bool(self.components) and all(c.state == "healthy" for c in self.components)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "environment": self.environment,
            "healthy": self.healthy,
            "components": [asdict(component) for component in self.components],
        }


def status(environment: Environment, report: Report) -> Status:
    """Looks at everything. An environment that isn't up is unhealthy, not an error."""
    from shopctl.drivers.ssh import Fleet

    try:
        outputs = stack_outputs.read(environment, report)
    except ShopctlError as error:
        return Status(environment.name, (Component("stack", "stack", "unhealthy", error.what),))
    fleet = Fleet(environment, outputs)
    web = [host for host in outputs.hosts if host.role == "web"]
    jobs: list[Callable[[], list[Component]]] = [
        lambda: [_balancer(environment, outputs)],
        lambda: [_cdn(environment, outputs)],
        lambda: [_backups(environment, outputs)],
        lambda: _releases(environment, outputs),
        lambda: _region(environment, {host.name for host in outputs.hosts}),
        *(partial(_hosts, fleet, host) for host in outputs.hosts),
    ]
    if web:
        jobs.append(lambda: [_maintenance(fleet)])
    readiness = [partial(_readiness, fleet, host, outputs.domain) for host in web]
    with ThreadPoolExecutor(max_workers=len(jobs) + len(readiness)) as pool:
        parts = [pool.submit(job) for job in jobs]
        answers = [future.result() for future in [pool.submit(job) for job in readiness]]
        components = [component for part in parts for component in part.result()]
    return Status(environment.name, (*components, *app_components(answers)))


@dataclass(frozen=True)
class Readiness:
    """What /readyz on one web host said; `problem` when it said nothing that can be read. `versions` serve there."""

    host: str
    dependencies: dict[str, str]
    ready: bool = False
    problem: str = ""
    versions: tuple[str, ...] = ()


def app_components(answers: Sequence[Readiness]) -> list[Component]:
    """The shop on each host, and each service as the hosts see it."""
    found: list[Component] = []
    for answer in answers:
        bad = [name for name, word in answer.dependencies.items() if word != "ok"]
        detail = answer.problem or (
            f"not ready: {', '.join(bad) or 'no reason given'}" if not answer.ready else "ready"
        )
        if answer.versions:
            detail += f", {' and '.join(answer.versions)}"
        found.append(
            Component(f"app on {answer.host}", "app", "healthy" if answer.ready else "unhealthy", detail)
        )
    names = list(dict.fromkeys([*SERVICES, *(name for answer in answers for name in answer.dependencies)]))
    found.extend(_service(name, answers) for name in names)
    return found


def _service(name: str, answers: Sequence[Readiness]) -> Component:
    kind = {**SERVICES, **OPTIONAL}.get(name, "service")
    words = {a.host: a.dependencies[name] for a in answers if name in a.dependencies}
    if not words:
        return Component(name, kind, "unknown", "no web host could tell")
    bad = {host: word for host, word in words.items() if word != "ok"}
    if not bad:
        return Component(name, kind, "healthy", f"reached from {', '.join(words)}")
    detail = "; ".join(f"{host}: {word}" for host, word in bad.items())
    return Component(name, kind, "unhealthy" if len(bad) == len(words) else "degraded", detail)


def _maintenance(fleet: Fleet) -> Component:
    from shopctl.maintenance import hosts, planning

    on, detail = planning.told([look.facts for look in hosts.look(fleet)])
    return Component("maintenance", "page", "degraded" if on else "healthy", detail)


def _hosts(fleet: Fleet, host: Host) -> list[Component]:
    return [_host(fleet, host)]


def _host(fleet: Fleet, host: Host) -> Component:
    try:
        result = fleet.run(host, ["systemctl", "is-system-running"], timeout=TIMEOUT)
    except ShopctlError as error:
        return Component(host.name, "host", "unhealthy", f"{host.address}: {error.what}")
    word = result.stdout.strip() or result.stderr.strip()
    if word == "running":
        return Component(host.name, "host", "healthy", f"{host.address}, {host.zone}")
    try:
        failed = fleet.run(
            host, ["systemctl", "list-units", "--failed", "--plain", "--no-legend"], timeout=TIMEOUT
        )
        units = [line.split()[0] for line in failed.stdout.splitlines() if line.strip()]
    except ShopctlError:
        units = []
    detail = f"systemd says {word}" + (f": {', '.join(units)}" if units else "")
    return Component(host.name, "host", "degraded", detail)


def _readiness(fleet: Fleet, host: Host, domain: str) -> Readiness:
    # The trade processes speak of the other groups on the host as well.
    argv = ["curl", "--silent", "--show-error", "--max-time", "4", "--unix-socket", commands.link("trade")]
    argv += ["--header", f"Host: {domain}", "http://localhost/readyz"]
    try:
        with fleet.line(host) as line:
            links = line.run(commands.LINKS, timeout=TIMEOUT).stdout
            result = line.run(argv, timeout=TIMEOUT)
    except ShopctlError as error:
        return Readiness(host.name, {}, problem=error.what)
    versions = tuple(sorted(set(facts.serving(links).values())))
    try:
        answer = json.loads(result.stdout)
        return Readiness(host.name, dict(answer["dependencies"]), bool(answer["ready"]), versions=versions)
    except (ValueError, KeyError, TypeError):
        said = (result.stderr or result.stdout).strip().splitlines()
        problem = f"the shop does not answer: {said[0]}" if said else "the shop gave no answer"
        return Readiness(host.name, {}, problem=problem, versions=versions)


def _balancer(environment: Environment, outputs: StackOutputs) -> Component:
    name, vip = "load balancer", outputs.load_balancer.vip
    ca = environment.ca_file if environment.ca_file.exists() else None
    try:
        answer = http.get(outputs.domain, "/api/v1/products", address=vip, ca=ca, timeout=TIMEOUT)
    except ShopctlError as error:
        return Component(name, "balancer", "unhealthy", f"{vip}: {error.what}")
    good = answer.status == 200 or notice.is_answer(answer.status, answer.body)
    return Component(name, "balancer", "healthy" if good else "unhealthy", f"{vip}: HTTP {answer.status}")


def _cdn(environment: Environment, outputs: StackOutputs) -> Component:
    domain = outputs.cdn_domain
    ca = environment.ca_file if environment.ca_file.exists() else None
    candidates = _edges(environment, domain) or http.addresses(domain)
    if not candidates:
        return Component(
            "cdn", "cdn", "unhealthy", f"{domain} is not in DNS; it should be a CNAME of {outputs.cdn.cname}"
        )
    try:
        answer = http.get(domain, "/healthz", address=candidates[0], ca=ca, timeout=TIMEOUT)
    except ShopctlError as error:
        return Component("cdn", "cdn", "unhealthy", error.what)
    good = answer.status < 500
    return Component("cdn", "cdn", "healthy" if good else "unhealthy", f"{domain}: HTTP {answer.status}")


def _backups(environment: Environment, outputs: StackOutputs) -> Component:
    try:
        lock = storage.look(environment, outputs)
    except ShopctlError as error:
        return Component("backups' lock", "storage", "unhealthy", error.what)
    return Component("backups' lock", "storage", "healthy" if lock.kept else "degraded", lock.text)


def _releases(environment: Environment, outputs: StackOutputs) -> list[Component]:
    """Whether the registry gives its releases to who has the key; none where the stack has no registry yet."""
    from shopctl.drivers import oci

    if outputs.registry is None:
        return []
    place = f"{outputs.registry.host}/{outputs.registry.repository}"
    try:
        with registry.opened(environment, outputs) as opened:
            count = len(oci.tags(opened))
    except ShopctlError as error:
        return [Component("releases", "registry", "unhealthy", f"{place}: {error.what}")]
    return [Component("releases", "registry", "healthy", f"{place}: {count} images")]


def _region(environment: Environment, known: set[str]) -> list[Component]:
    """The local region's hosts that stand for managed services; nothing in the cloud."""
    if environment.region is None:
        return []
    from region.hosts import list_hosts

    return [
        Component(
            host.name,
            host.kind,
            "healthy" if host.state == "running" else "unhealthy",
            f"{host.address}: {host.state}",
        )
        for host in list_hosts(environment.region.name)
        if host.name not in known
    ]


def _edges(environment: Environment, domain: str) -> list[str]:
    """The local region's host of a CDN domain: its names are in no public DNS."""
    if environment.region is None:
        return []
    from region.hosts import list_hosts

    return [host.address for host in list_hosts(environment.region.name) if host.name == domain]
