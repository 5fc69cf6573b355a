"""CLB: a host with HAProxy, configured from the listeners, rules, attachments and redirections on record."""

from dataclasses import replace

from region import balancing, bandwidth, haproxy, schema
from region.balancing import LISTENER, REDIRECTION, RULE
from region.errors import RegionError
from region.groups import ATTACHMENT, BALANCER
from region.hosts import Host
from region.region import Region, subnet_of
from region.resources import clb_read
from region.resources.base import Properties, Resource, computed
from region.settings import BALANCER_SLOTS

COMPUTED = ("clbVips", "domain", "addressIpv6", "ipv6Mode")
LISTENERS = 50
"""Listeners per balancer, targets per listener 100 (https://cloud.tencent.com/document/product/214/6187)."""
TARGETS = 100


GROUPLESS = (
    "targetType",
    "TARGETGROUP is not realised by the local region; attach targets to the rule itself",
)


class Balancer(Resource):
    """A load balancer: a host with HAProxy at an address of its own, of the internet's range or of a subnet.

    Equal: its VIP stays as long as it lives; its security groups, its name and what it may send to the internet
    (`internetBandwidthMaxOut`, by traffic shaping on its interface) change while it serves; with
    `loadBalancerPassToTarget` its targets take its traffic whatever their own groups say. A HAProxy that was stopped
    shows as a bandwidth of 0 and is started again.

    Differs: it is one host, not a cluster in two zones: `masterZoneId`, `slaveZoneId`, `zoneId`, `slaType`,
    `clusterId` and `vipIsp` are kept on record. There is no IPv6, no dynamic VIP, no SNAT pool, and no cross-region
    target; logs go to the host's journal instead of CLS; `deleteProtect` is the engine's `protect` here.
    """

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
        resolver = self.region.resolver(vpc)
        host = Host(id_, inputs["clbName"], "balancer", "managed", vpc, (vip,), resolver, groups=groups)
        control = self.region.prepare(host)
        control.write(balancing.CONFIG, haproxy.configuration([]), 0o600)
        control.enable("haproxy")
        self.region.refresh_firewall(vpc)
        control.boot()
        control.wait_for(["test", "-S", balancing.ADMIN], "HAProxy")
        bandwidth.limit(self.region.name, id_, balancing.allowed(inputs))
        return {"clbVips": [vip], "domain": "", "addressIpv6": "", "ipv6Mode": ""}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        seen = balancing.look(self.region, id_)
        if seen is None:
            return None
        rate = bandwidth.limited(self.region.name, id_) if seen.running else 0
        return outputs if rate == balancing.allowed(outputs) else {**outputs, "internetBandwidthMaxOut": rate}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        control = self.region.host(id_)
        groups = tuple(new["securityGroups"]) if new.get("securityGroups") else None
        control.save(replace(control.host, name=new["clbName"], groups=groups))
        return computed(old, *COMPUTED)

    def settled(self, outputs: Properties) -> None:
        self.region.refresh_firewall(outputs["vpcId"])
        for record in self.region.records.all(BALANCER):
            if record.outputs == outputs:
                balancing.lay(self.region, record.id)

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
        balancing.lay(self.region, outputs["clbId"])


class Listener(_Part):
    """A port of a balancer: a frontend of its HAProxy, or for TCP a frontend with its targets.

    Equal: HTTP, HTTPS (HTTP/2, TLS 1.2 and 1.3), TCP and TCP_SSL; certificates, also several and one per rule with
    SNI, clients' certificates with MUTUAL; for TCP scheduler, health check by TCP or HTTP, stickiness by the
    client's address, idle timeout; `keepaliveEnable` for connections to targets. Each of them changes without cutting a
    connection. A frontend that was taken out of the file or closed at run time is read as gone, another certificate,
    scheduler or check as such.

    Differs: no UDP and no QUIC. Health checks of type CUSTOM, PING and GRPC ask for a connection only.
    `deregisterTargetRst`, `snatEnable`, `healthSourceIpType`, `sessionType`, `h2cSwitch` and `endPort` are kept on
    record.
    """

    type = LISTENER
    prefix = "lbl"
    outputs = ("listenerId",)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        secure = inputs.get("protocol") in ("HTTPS", "TCP_SSL") and not inputs.get("sniSwitch")
        if inputs.get("protocol") in ("UDP", "QUIC"):
            return [
                ("protocol", f"{inputs['protocol']} is not realised by the local region (HAProxy speaks TCP)")
            ]
        if inputs.get("targetType") == "TARGETGROUP":
            return [GROUPLESS]
        if secure and not inputs.get("certificateId") and not inputs.get("multiCertInfo"):
            return [("certificateId", f"is required for an {inputs['protocol']} listener without SNI")]
        if inputs.get("certificateSslMode") == "MUTUAL" and not inputs.get("certificateCaId"):
            return [("certificateCaId", "is required where certificateSslMode is MUTUAL")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        others = [
            other
            for other in self.region.records.all(LISTENER)
            if other.id != id_ and other.inputs["clbId"] == inputs["clbId"]
        ]
        for other in others:
            if other.inputs.get("port") == inputs.get("port"):
                raise RegionError(
                    f"port {inputs.get('port')} of {inputs['clbId']} has a listener already: {other.id}"
                )
        if len(others) >= LISTENERS:
            raise RegionError(
                f"{inputs['clbId']} has {LISTENERS} listeners already, which is a balancer's quota"
            )
        return super().create(id_, inputs)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return clb_read.listener(balancing.look(self.region, outputs["clbId"]), id_, outputs)


class Rule(_Part):
    """A domain and path of a listener: a condition in its frontend, and a backend.

    Equal: domains (also `*.` wildcards), the longest path first, the first rule for unknown domains; scheduler,
    stickiness by the balancer's cookie, health check by HTTP, HTTPS or TCP, a certificate of its own; requests go on by
    HTTP, HTTPS or gRPC. All of that changes without cutting a connection. A backend or condition that was removed is
    read as gone, and what was changed by hand as it is.

    Differs: no QUIC, OAuth or TRPC; HTTP/2 is offered by every HTTPS listener whatever `http2Switch` says; a path is
    a prefix, without CLB's regular expressions.
    """

    type = RULE
    prefix = "loc"
    outputs = ("ruleId",)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return [GROUPLESS] if inputs.get("targetType") == "TARGETGROUP" else []

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        first = _first_rule(self.region, outputs["listenerId"]) == id_
        redirected = balancing.redirected(self.region, id_, outputs["clbId"]) is not None
        seen = balancing.look(self.region, outputs["clbId"])
        return clb_read.rule(seen, id_, outputs, first=first, redirected=redirected)


def _first_rule(region: Region, listener_id: str) -> str:
    rules = [record for record in region.records.all(RULE) if record.inputs["listenerId"] == listener_id]
    return min(rules, key=lambda record: (record.made, record.id)).id if rules else ""


class Attachment(_Part):
    """The targets of a rule or of a TCP listener, with their weights: servers of a backend.

    Equal: weights of 0 to 100, where 0 sends no new request and lets the running ones end; a changed weight takes
    effect at once and without a reload. A server that was removed, added, or given another weight, in the file or over
    HAProxy's socket, shows in the targets.

    Differs: targets by `eniIp` are not let past their security groups; those by instance are.
    """

    type = ATTACHMENT
    prefix = "lba"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        targets = inputs.get("targets")
        if isinstance(targets, list) and len(targets) > TARGETS:
            return [("targets", f"has {len(targets)} targets; the quota is {TARGETS} for a rule or listener")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        super().create(id_, inputs)
        return {"protocolType": self.region.get(LISTENER, inputs["listenerId"]).inputs["protocol"]}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        backend = outputs.get("ruleId") or outputs["listenerId"]
        others = [
            record
            for record in self.region.records.all(ATTACHMENT)
            if record.id != id_ and (record.inputs.get("ruleId") or record.inputs["listenerId"]) == backend
        ]
        # What was added by hand is shown by one attachment of several.
        strangers = not any(record.id < id_ for record in others)
        foreign = [
            target.name for record in others for target in balancing.targets(self.region, record.inputs)
        ]
        seen = balancing.look(self.region, outputs["clbId"])
        own = [balancing.targets(self.region, {"targets": [target]})[0] for target in outputs["targets"]]
        return clb_read.attachment(seen, backend, outputs, own, foreign=foreign, strangers=strangers)

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
    """A rule whose requests are led to another listener: a backend that answers 301 to the same host and path.

    Equal: the other rules of the listener go on as before. A redirect that was taken out is read as gone.

    Differs: `isAutoRewrite` is not realised: the program names source and target.
    """

    type = REDIRECTION
    prefix = "lbr"

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        seen = balancing.look(self.region, outputs["clbId"])
        rule = self.region.records.get(RULE, outputs.get("sourceRuleId") or "")
        port = balancing.redirected(self.region, rule.id, outputs["clbId"]) if rule else None
        lines = seen.backend(rule.id) if seen and rule else None
        if rule is None or port is None or lines is None:
            return None
        wanted = haproxy.backend(haproxy.Rule(rule.id, "", "/", redirect_to=port))
        return outputs if {line.strip() for line in wanted[1:] if line} == set(lines) else None


RESOURCES = (Balancer, Listener, Rule, Attachment, Redirection)
