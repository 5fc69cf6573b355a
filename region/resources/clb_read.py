"""The parts of a balancer as they are, in the words of their inputs. Pure: from what was seen and what was asked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from region import balancing, haproxy, haproxy_read
from region.haproxy import HealthCheck, Target
from region.resources.base import Properties

CHECK = {
    "kind": "healthCheckType",
    "path": "healthCheckHttpPath",
    "method": "healthCheckHttpMethod",
    "domain": "healthCheckHttpDomain",
    "codes": "healthCheckHttpCode",
    "interval": "healthCheckIntervalTime",
    "timeout": "healthCheckTimeOut",
    "rise": "healthCheckHealthNum",
    "fall": "healthCheckUnhealthNum",
    "port": "healthCheckPort",
}
"""A health check's fields and the inputs that set them."""
_ASKING = ("path", "method", "domain", "codes")
_OF_SERVERS = ("interval", "rise", "fall", "port", "kind")


def listener(seen: balancing.Seen | None, id_: str, outputs: Properties) -> Properties | None:
    """A listener's outputs, or None when it is gone."""
    if seen is None:
        return None
    http = outputs["protocol"] in ("HTTP", "HTTPS")
    lines = seen.sections.get(f"{'frontend' if http else 'listen'} {id_}")
    if lines is None or (seen.running is not None and id_ not in seen.running.open):
        return None
    if not any(line.split()[:2] == ["bind", f":{outputs['port']}"] for line in lines):
        return None
    found = dict(outputs)
    bind = next(line for line in lines if line.startswith("bind "))
    named = balancing.certificates(outputs)
    if named and (set(named) & seen.spoilt or any(f"/{id_}.pem" not in bind for id_ in named)):
        # Without the certificate that was asked for; which one serves instead has no id.
        found["multiCertInfo" if outputs.get("multiCertInfo") else "certificateId"] = (
            {**outputs["multiCertInfo"], "certIdLists": []} if outputs.get("multiCertInfo") else ""
        )
    if http:
        keepalive = int("option http-server-close" not in lines)
        if keepalive != (outputs.get("keepaliveEnable") or 0):
            found["keepaliveEnable"] = keepalive
        return found
    idle = next(
        (int(line.split()[2][:-1]) for line in lines if line.startswith("timeout client ")), haproxy.IDLE
    )
    if idle != (outputs.get("idleConnectTimeout") or haproxy.IDLE):
        found["idleConnectTimeout"] = idle
    return found | _pool(haproxy_read.pool(lines), outputs, balancing.check(outputs, default=True))


def rule(
    seen: balancing.Seen | None, id_: str, outputs: Properties, *, first: bool, redirected: bool
) -> Properties | None:
    """A rule's outputs, or None when it is gone. `first` says that it answers unknown domains."""
    lines = seen.backend(id_) if seen else None
    frontend = seen.sections.get(f"frontend {outputs['listenerId']}", ()) if seen else ()
    routed = haproxy_read.routed(frontend, id_)
    if (
        seen is None
        or lines is None
        or routed is None
        or (first and f"default_backend {id_}" not in frontend)
    ):
        return None
    found = dict(outputs)
    names, url = routed
    if list(names) != balancing.domains(outputs):
        found["domains" if outputs.get("domains") else "domain"] = (
            list(names) if outputs.get("domains") else names[0]
        )
    if url != outputs["url"]:
        found["url"] = url
    if set(balancing.certificates(outputs)) & seen.spoilt:
        found["certificateId"] = ""
    # What a redirected rule would do with requests says nothing.
    return found if redirected else found | _pool(haproxy_read.pool(lines), outputs, balancing.check(outputs))


def _pool(real: haproxy_read.Pool, asked: Properties, check: HealthCheck | None) -> Properties:
    """The inputs of a rule or TCP listener that its section has otherwise."""
    found: Properties = {}
    if real.scheduler != (asked.get("scheduler") or "WRR"):
        found["scheduler"] = real.scheduler
    if real.session != (asked.get("sessionExpireTime") or 0):
        found["sessionExpireTime"] = real.session
    if real.targets and real.forward != _forwarded(asked):
        found["forwardType"] = real.forward
    if (real.check is None) != (check is None):
        found["healthCheckSwitch"] = real.check is not None
    elif real.check is not None and check is not None:
        found |= _checked(real.check, check, servers=bool(real.targets))
    return found


def _forwarded(asked: Properties) -> str:
    wanted = asked.get("forwardType") or "HTTP"
    return wanted if wanted in haproxy.FORWARDS else "HTTP"


def _checked(real: HealthCheck, asked: HealthCheck, *, servers: bool) -> Properties:
    if asked.kind not in ("HTTP", "HTTPS") and real.kind == "TCP":
        # Asked for another way, they are all realised by a connection.
        real = replace(real, kind=asked.kind)
    if real.kind not in ("HTTP", "HTTPS"):
        real = replace(real, **{name: getattr(asked, name) for name in _ASKING})
    if not servers:
        # Said in the servers' lines, of which there are none.
        real = replace(real, **{name: getattr(asked, name) for name in _OF_SERVERS})
    return {
        name: getattr(real, field)
        for field, name in CHECK.items()
        if getattr(real, field) != getattr(asked, field)
    }


def attachment(
    seen: balancing.Seen | None,
    backend: str,
    outputs: Properties,
    own: Sequence[Target],
    *,
    foreign: Sequence[str],
    strangers: bool,
) -> Properties | None:
    """An attachment's outputs with the targets that really are there, or None when there is none.

    `own` are its targets in HAProxy's terms, in their order; `foreign` the servers of other attachments. With
    `strangers`, servers that nobody asked for are shown too.
    """
    lines = seen.backend(backend) if seen else None
    if seen is None or lines is None:
        return None
    file = {target.name: target for target in haproxy_read.targets(lines)}
    now = file if seen.running is None else dict(seen.running.servers.get(backend, {}))
    found: list[dict[str, Any]] = []
    for asked, target in zip(outputs["targets"], own, strict=True):
        here, there = file.get(target.name), now.get(target.name)
        if (
            here
            and there
            and {(one.address, one.port) for one in (here, there)} == {(target.address, target.port)}
        ):
            weight = there.weight if there.weight != target.weight else here.weight
            found.append(asked if weight == target.weight else {**asked, "weight": weight})
    if strangers:
        known = {*foreign, *(target.name for target in own)}
        found += [_stranger(target) for name, target in {**file, **now}.items() if name not in known]
    return {**outputs, "targets": found} if found else None


def _stranger(target: Target) -> dict[str, Any]:
    place = (
        {"instanceId": target.name.partition("_")[0]}
        if target.name.startswith("ins-")
        else {"eniIp": target.address}
    )
    return {**place, "port": target.port, "weight": target.weight}
