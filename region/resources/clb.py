"""CLB: a host with HAProxy, configured from the listeners, rules, attachments and redirections on record."""

import socket
from typing import Any

from region import haproxy, schema
from region.errors import RegionError
from region.groups import ATTACHMENT, BALANCER
from region.hosts import Host, HostControl
from region.region import Region, subnet_of
from region.resources.base import Properties, Resource, computed
from region.resources.certificate import TYPE as CERTIFICATE
from region.resources.instance import Instance
from region.settings import BALANCER_SLOTS

LISTENER = "tencentcloud:Clb/listener:Listener"
RULE = "tencentcloud:Clb/listenerRule:ListenerRule"
REDIRECTION = "tencentcloud:Clb/redirection:Redirection"
CONFIG = "/etc/haproxy/haproxy.cfg"


class Balancer(Resource):
    type = BALANCER
    prefix = "lb"

    def create(self, id_: str, inputs: Properties) -> Properties:
        if inputs["networkType"] == "INTERNAL":
            vip = self.region.lease_address(
                subnet_of(self.region, inputs["subnetId"])["cidrBlock"], inputs.get("vip"), host_id=id_
            )
        else:
            vip = self.region.lease_public(BALANCER_SLOTS, host_id=id_)
        vpc = inputs["vpcId"]
        groups = tuple(inputs["securityGroups"]) if inputs.get("securityGroups") else None
        host = Host(
            id_,
            inputs["clbName"],
            "balancer",
            "managed",
            vpc,
            (vip,),
            self.region.resolver(vpc),
            groups=groups,
        )
        control = self.region.prepare(host)
        control.write(
            CONFIG, haproxy.configuration([]) + "frontend none\n    mode http\n    bind 127.0.0.1:1\n", 0o600
        )
        control.enable("haproxy")
        self.region.refresh_firewall(vpc)
        control.boot()
        control.wait_for(["systemctl", "is-active", "--quiet", "haproxy"], "HAProxy")
        return {"clbVips": [vip], "domain": "", "addressIpv6": "", "ipv6Mode": ""}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if self.region.has_host(id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        from dataclasses import replace

        control = self.region.host(id_)
        groups = tuple(new["securityGroups"]) if new.get("securityGroups") else None
        control.save(replace(control.host, groups=groups))
        control.boot()
        return computed(old, "clbVips", "domain", "addressIpv6", "ipv6Mode")

    def settled(self, outputs: Properties) -> None:
        self.region.refresh_firewall(outputs["vpcId"])

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


class _Part(Resource):
    """Something of a balancer's configuration: kept on record, and the configuration laid anew."""

    outputs: tuple[str, ...] = ()

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(BALANCER, inputs["clbId"])
        return dict.fromkeys(self.outputs, id_)

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return dict.fromkeys(self.outputs, id_)

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the configuration is laid anew without it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        lay(self.region, outputs["clbId"])


class Listener(_Part):
    type = LISTENER
    prefix = "lbl"
    outputs = ("listenerId",)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if (
            inputs.get("protocol") == "HTTPS"
            and not inputs.get("sniSwitch")
            and not inputs.get("certificateId")
        ):
            return [("certificateId", "is required for an HTTPS listener without SNI")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        for other in self.region.records.all(LISTENER):
            if (
                other.id != id_
                and other.inputs["clbId"] == inputs["clbId"]
                and other.inputs.get("port") == inputs.get("port")
            ):
                raise RegionError(
                    f"port {inputs.get('port')} of {inputs['clbId']} has a listener already: {other.id}"
                )
        return super().create(id_, inputs)


class Rule(_Part):
    type = RULE
    prefix = "loc"
    outputs = ("ruleId",)


class Attachment(_Part):
    type = ATTACHMENT
    prefix = "lba"

    def create(self, id_: str, inputs: Properties) -> Properties:
        super().create(id_, inputs)
        return {"protocolType": self.region.get(LISTENER, inputs["listenerId"]).inputs["protocol"]}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "protocolType")

    def settled(self, outputs: Properties) -> None:
        balancer = self.region.records.get(BALANCER, outputs["clbId"])
        if balancer is None:
            return
        # A target has to be reachable as long as requests may be sent to it: opened first, closed last.
        attached = any(record.outputs == outputs for record in self.region.records.all(ATTACHMENT))
        if attached:
            self.region.refresh_firewall(balancer.inputs["vpcId"])
        super().settled(outputs)
        if not attached:
            self.region.refresh_firewall(balancer.inputs["vpcId"])


class Redirection(_Part):
    type = REDIRECTION
    prefix = "lbr"


RESOURCES = (Balancer, Listener, Rule, Attachment, Redirection)


def lay(region: Region, balancer_id: str) -> None:
    """Bring a balancer's HAProxy in line with the records, without cutting a connection."""
    if not region.records.get(BALANCER, balancer_id):
        return
    with region.locked(f"balancer-{balancer_id}"):
        control = region.host(balancer_id)
        listeners = [
            listener(region, record.id, record.inputs) for record in _of(region, LISTENER, balancer_id)
        ]
        for record in _of(region, LISTENER, balancer_id):
            if certificate := record.inputs.get("certificateId"):
                control.write(
                    _file(certificate), haproxy.pem(region.get(CERTIFICATE, certificate).inputs), 0o600
                )
        text = haproxy.configuration(listeners)
        if not listeners:
            text += "frontend none\n    mode http\n    bind 127.0.0.1:1\n"
        file = control.root / CONFIG.lstrip("/")
        if file.read_text() == text:
            return
        candidate = f"{CONFIG}.new"
        control.write(candidate, text, 0o600)
        control.run(["haproxy", "-c", "-q", "-f", candidate])
        (control.root / candidate.lstrip("/")).rename(file)
        _reload(control)


def _reload(control: HostControl) -> None:
    """Have HAProxy take up its configuration; returns when the new one serves.

    Over the master's socket, whose `reload` answers when it is done (HAProxy's management guide, 9.4); systemd's reload
    comes back at once.
    """
    with socket.socket(socket.AF_UNIX) as master:
        master.settimeout(20)
        master.connect(f"/proc/{control.leader()}/root/run/haproxy-master.sock")
        master.sendall(b"reload\n")
        answer = b"".join(iter(lambda: master.recv(4096), b"")).decode()
    if "Success=1" not in answer:
        raise RegionError(f"host {control.host.name}: HAProxy did not take up its configuration:\n{answer}")


def _of(region: Region, type_: str, balancer_id: str) -> list[Any]:
    return [record for record in region.records.all(type_) if record.inputs.get("clbId") == balancer_id]


def _file(certificate_id: str) -> str:
    return f"/etc/haproxy/certificates/{certificate_id}.pem"


def listener(region: Region, listener_id: str, inputs: Properties) -> haproxy.Listener:
    """One listener with all that hangs on it."""
    certificate = inputs.get("certificateId")
    balancer = inputs["clbId"]
    rules = [record for record in _of(region, RULE, balancer) if record.inputs["listenerId"] == listener_id]
    # In the order in which they were made: the first one answers unknown domains.
    rules.sort(key=lambda record: (record.made, record.id))
    own = [
        record for record in _of(region, ATTACHMENT, balancer) if record.inputs["listenerId"] == listener_id
    ]
    return haproxy.Listener(
        listener_id,
        inputs["protocol"],
        inputs["port"],
        tuple(_rule(region, record.id, record.inputs) for record in rules),
        _file(certificate) if certificate else None,
        inputs.get("scheduler") or "WRR",
        tuple(target for record in own for target in _targets(region, record.inputs)),
    )


def _rule(region: Region, rule_id: str, inputs: Properties) -> haproxy.Rule:
    balancer = inputs["clbId"]
    attached = [
        record for record in _of(region, ATTACHMENT, balancer) if record.inputs.get("ruleId") == rule_id
    ]
    redirected = [r for r in _of(region, REDIRECTION, balancer) if r.inputs.get("sourceRuleId") == rule_id]
    port = (
        region.get(LISTENER, redirected[0].inputs["targetListenerId"]).inputs["port"] if redirected else None
    )
    domain = inputs.get("domain") or (inputs.get("domains") or [""])[0]
    targets = tuple(target for record in attached for target in _targets(region, record.inputs))
    return haproxy.Rule(
        rule_id, domain, inputs["url"], inputs.get("scheduler") or "WRR", targets, _check(inputs), port
    )


def _check(inputs: Properties) -> haproxy.HealthCheck | None:
    if not inputs.get("healthCheckSwitch"):
        return None
    return haproxy.HealthCheck(
        path=inputs.get("healthCheckHttpPath") or "/",
        method=inputs.get("healthCheckHttpMethod") or "HEAD",
        domain=inputs.get("healthCheckHttpDomain") or "",
        codes=inputs.get("healthCheckHttpCode") or 31,
        interval=inputs.get("healthCheckIntervalTime") or 5,
        timeout=inputs.get("healthCheckTimeOut") or 2,
        rise=inputs.get("healthCheckHealthNum") or 3,
        fall=inputs.get("healthCheckUnhealthNum") or 3,
    )


def _targets(region: Region, inputs: Properties) -> list[haproxy.Target]:
    found: list[haproxy.Target] = []
    for target in inputs["targets"]:
        instance = target.get("instanceId")
        address = region.get(Instance.type, instance).outputs["privateIp"] if instance else target["eniIp"]
        found.append(haproxy.Target(instance or address, address, target["port"], target.get("weight", 10)))
    return sorted(found, key=lambda target: target.name)
