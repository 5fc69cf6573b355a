"""A balancer's HAProxy, laid from the records of its listeners, rules, attachments and redirections, and looked at.

`lay` brings it in line whatever has happened to it: its file, its certificates, what it does at run time, or that it
was stopped. `look` changes nothing.
"""

import re
import socket
from dataclasses import dataclass
from typing import Any

from region import bandwidth, haproxy, haproxy_read
from region.errors import RegionError
from region.groups import ATTACHMENT, BALANCER
from region.hosts import HostControl
from region.region import Region

LISTENER = "tencentcloud:Clb/listener:Listener"
RULE = "tencentcloud:Clb/listenerRule:ListenerRule"
REDIRECTION = "tencentcloud:Clb/redirection:Redirection"
CERTIFICATE = "tencentcloud:Ssl/certificate:Certificate"
INSTANCE = "tencentcloud:Instance/instance:Instance"
CONFIG = "/etc/haproxy/haproxy.cfg"
ADMIN = "/run/haproxy/admin.sock"
MASTER = "/run/haproxy-master.sock"
STATE = "show stat -1 3 -1;show servers state"
Properties = dict[str, Any]
_WEIGHT = re.compile(r" weight \d+")


@dataclass(frozen=True)
class Seen:
    """A balancer as it is. `running` is None when HAProxy doesn't run; `spoilt` are certificates not as on record."""

    sections: haproxy_read.Sections
    running: haproxy_read.Running | None
    spoilt: frozenset[str]

    def backend(self, id_: str) -> tuple[str, ...] | None:
        """The lines of a rule's backend or a TCP listener, or None when it is gone from the file or from what runs."""
        if self.running is not None and id_ not in self.running.proxies:
            return None
        return self.sections.get(f"backend {id_}", self.sections.get(f"listen {id_}"))


def look(region: Region, balancer_id: str) -> Seen | None:
    """The balancer as it is, or None when its host is gone."""
    if not region.has_host(balancer_id):
        return None
    control = region.host(balancer_id)
    file = control.root / CONFIG.lstrip("/")
    text = file.read_text() if file.exists() else ""
    spoilt = {
        id_ for id_, pem in _certificates(region, balancer_id).items() if _read(control, _file(id_)) != pem
    }
    return Seen(haproxy_read.sections(text), _running(control), frozenset(spoilt))


def lay(region: Region, balancer_id: str) -> None:
    """Bring a balancer in line with the records, without cutting a connection; weights alone without a reload."""
    balancer = region.records.get(BALANCER, balancer_id)
    if not balancer:
        return
    with region.locked(f"balancer-{balancer_id}"):
        control = region.host(balancer_id)
        control.boot()
        bandwidth.limit(region.name, balancer_id, allowed(balancer.inputs))
        pems = _lay_certificates(region, control)
        listeners = [
            listener(region, record.id, record.inputs) for record in _of(region, LISTENER, balancer_id)
        ]
        text, before = haproxy.configuration(listeners), _read(control, CONFIG)
        now = _running(control)
        if now is None:
            _write(control, text)
            _start(control)
            return
        proxies = {name.partition(" ")[2] for name in haproxy_read.sections(text)} - {""}
        fronts = {one.id for one in listeners}
        said = haproxy_read.commands(_pools(listeners), now)
        if (
            pems
            or said is None
            or _WEIGHT.sub("", text) != _WEIGHT.sub("", before)
            or not (proxies <= now.proxies and fronts <= now.open)
        ):
            _write(control, text)
            _reload(control)
            return
        if said and (answer := _ask(control, ADMIN, ";".join(said)).strip()):
            raise RegionError(f"host {control.host.name}: HAProxy did not take weights: {answer}")
        if text != before:
            _write(control, text)


def allowed(inputs: Properties) -> int | None:
    """What a balancer may send, in Mbit/s; one inside a VPC has no limit."""
    wanted: int | None = inputs.get("internetBandwidthMaxOut") if inputs["networkType"] == "OPEN" else None
    return wanted


def _lay_certificates(region: Region, control: HostControl) -> bool:
    """Whether any of them was not there, or not as on record."""
    wanted = _certificates(region, control.host.id)
    stale = [id_ for id_, pem in wanted.items() if _read(control, _file(id_)) != pem]
    for id_ in stale:
        control.write(_file(id_), wanted[id_], 0o600)
    return bool(stale)


def _pools(listeners: list[haproxy.Listener]) -> dict[str, tuple[haproxy.Target, ...]]:
    rules = {rule.id: rule.targets for one in listeners for rule in one.rules if rule.redirect_to is None}
    return rules | {one.id: one.targets for one in listeners}


def _write(control: HostControl, text: str) -> None:
    candidate = f"{CONFIG}.new"
    control.write(candidate, text, 0o600)
    control.run(["haproxy", "-c", "-q", "-f", candidate])
    (control.root / candidate.lstrip("/")).rename(control.root / CONFIG.lstrip("/"))


def _read(control: HostControl, path: str) -> str:
    file = control.root / path.lstrip("/")
    return file.read_text() if file.exists() else ""


def _start(control: HostControl) -> None:
    control.run(["systemctl", "reset-failed", "haproxy"])
    control.run(["systemctl", "restart", "haproxy"])
    control.wait_for(["test", "-S", ADMIN], "HAProxy")


def _running(control: HostControl) -> haproxy_read.Running | None:
    if not control.leader():
        return None
    try:
        return haproxy_read.running(_ask(control, ADMIN, STATE))
    except (FileNotFoundError, ConnectionRefusedError):
        # A socket file is left behind by a HAProxy that was killed.
        return None


def _ask(control: HostControl, path: str, command: str) -> str:
    """Say something on one of HAProxy's sockets (its management guide, 9.3 and 9.4); its answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(f"/proc/{control.leader()}/root{path}")
        connection.sendall(f"{command}\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def _reload(control: HostControl) -> None:
    """Have HAProxy take up its configuration; returns when the new one serves.

    Over the master's socket, whose `reload` answers when it is done; systemd's reload comes back at once.
    """
    answer = _ask(control, MASTER, "reload")
    if "Success=1" not in answer:
        raise RegionError(f"host {control.host.name}: HAProxy did not take up its configuration:\n{answer}")


# From records to HAProxy's terms


def _of(region: Region, type_: str, balancer_id: str) -> list[Any]:
    return [record for record in region.records.all(type_) if record.inputs.get("clbId") == balancer_id]


def _file(certificate_id: str) -> str:
    return f"/etc/haproxy/certificates/{certificate_id}.pem"


def certificates(inputs: Properties) -> list[str]:
    """The ids of the server certificates that a listener or a rule names."""
    own = [inputs["certificateId"]] if inputs.get("certificateId") else []
    return [*own, *(inputs.get("multiCertInfo") or {}).get("certIdLists", [])]


def _certificates(region: Region, balancer_id: str) -> dict[str, str]:
    records = [*_of(region, LISTENER, balancer_id), *_of(region, RULE, balancer_id)]
    named = {
        id_
        for record in records
        for id_ in (*certificates(record.inputs), record.inputs.get("certificateCaId"))
    }
    return {id_: haproxy.pem(region.get(CERTIFICATE, id_).inputs) for id_ in sorted(filter(None, named))}


def listener(region: Region, listener_id: str, inputs: Properties) -> haproxy.Listener:
    """One listener with all that hangs on it."""
    balancer = inputs["clbId"]
    rules = [record for record in _of(region, RULE, balancer) if record.inputs["listenerId"] == listener_id]
    # In the order in which they were made: the first one answers unknown domains.
    rules.sort(key=lambda record: (record.made, record.id))
    own = [
        record for record in _of(region, ATTACHMENT, balancer) if record.inputs["listenerId"] == listener_id
    ]
    files = [
        *map(_file, certificates(inputs)),
        *(_file(c) for rule in rules for c in certificates(rule.inputs)),
    ]
    mutual = inputs.get("certificateSslMode") == "MUTUAL" and inputs.get("certificateCaId")
    return haproxy.Listener(
        listener_id,
        inputs["protocol"],
        inputs["port"],
        tuple(_rule(region, record.id, record.inputs) for record in rules),
        files[0] if files else None,
        inputs.get("scheduler") or "WRR",
        tuple(
            target
            for record in own
            if not record.inputs.get("ruleId")
            for target in targets(region, record.inputs)
        ),
        tuple(dict.fromkeys(files[1:])),
        _file(inputs["certificateCaId"]) if mutual else None,
        check(inputs, default=True),
        inputs.get("sessionExpireTime") or 0,
        inputs.get("idleConnectTimeout") or haproxy.IDLE,
        inputs.get("keepaliveEnable") == 1,
    )


def _rule(region: Region, rule_id: str, inputs: Properties) -> haproxy.Rule:
    attached = [r for r in _of(region, ATTACHMENT, inputs["clbId"]) if r.inputs.get("ruleId") == rule_id]
    domain, *more = domains(inputs)
    return haproxy.Rule(
        rule_id,
        domain,
        inputs["url"],
        inputs.get("scheduler") or "WRR",
        tuple(target for record in attached for target in targets(region, record.inputs)),
        check(inputs),
        redirected(region, rule_id, inputs["clbId"]),
        tuple(more),
        inputs.get("sessionExpireTime") or 0,
        inputs.get("forwardType") or "HTTP",
    )


def redirected(region: Region, rule_id: str, balancer_id: str) -> int | None:
    """The port to which a rule's requests are led, or None."""
    for record in _of(region, REDIRECTION, balancer_id):
        if record.inputs.get("sourceRuleId") == rule_id:
            port: int = region.get(LISTENER, record.inputs["targetListenerId"]).inputs["port"]
            return port
    return None


def domains(inputs: Properties) -> list[str]:
    """The domains of a rule."""
    return [inputs["domain"]] if inputs.get("domain") else list(inputs.get("domains") or [""])


def check(inputs: Properties, *, default: bool = False) -> haproxy.HealthCheck | None:
    """The health check that a rule or a TCP listener is asked for with; the latter has one by `default`."""
    wanted = inputs.get("healthCheckSwitch")
    if not (default if wanted is None else wanted):
        return None
    rule = "url" in inputs
    return haproxy.HealthCheck(
        path=inputs.get("healthCheckHttpPath") or "/",
        method=inputs.get("healthCheckHttpMethod") or "HEAD",
        domain=inputs.get("healthCheckHttpDomain") or (domains(inputs)[0] if rule else "localhost"),
        codes=inputs.get("healthCheckHttpCode") or 31,
        interval=inputs.get("healthCheckIntervalTime") or 5,
        timeout=inputs.get("healthCheckTimeOut") or 2,
        rise=inputs.get("healthCheckHealthNum") or 3,
        fall=inputs.get("healthCheckUnhealthNum") or 3,
        kind=inputs.get("healthCheckType") or ("HTTP" if rule else "TCP"),
        port=inputs.get("healthCheckPort") or 0,
    )


def targets(region: Region, inputs: Properties) -> list[haproxy.Target]:
    """The servers of an attachment."""
    found: list[haproxy.Target] = []
    for target in inputs["targets"]:
        instance = target.get("instanceId")
        address = region.get(INSTANCE, instance).outputs["privateIp"] if instance else target["eniIp"]
        name, port = f"{instance or address}_{target['port']}", target["port"]
        weight = target.get("weight")
        found.append(haproxy.Target(name, address, port, 10 if weight is None else weight))
    return sorted(found, key=lambda target: target.name)
