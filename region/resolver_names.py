"""The names that a VPC's resolver answers, as dnsmasq's configuration, and what such a configuration says. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from region.records import Record

ZONE = "tencentcloud:PrivateDns/zone:Zone"
RECORD = "tencentcloud:PrivateDns/record:Record"
ZONE_VPC = "tencentcloud:PrivateDns/zoneVpcAttachment:ZoneVpcAttachment"
DOMAIN = "tencentcloud:Dnspod/domainInstance:DomainInstance"
PUBLIC_RECORD = "tencentcloud:Dnspod/record:Record"
CDN = "tencentcloud:Cdn/domain:Domain"
REGISTRY = "tencentcloud:Tcr/instance:Instance"

KINDS = ("A", "AAAA", "CNAME", "MX", "TXT", "PTR")
"""The types of records that the local region answers."""
TTL = 600
"""Seconds for which a record without a `ttl` of its own may be kept, in both services."""


@dataclass(frozen=True)
class Name:
    """One record: `kind` is one of KINDS, `ttl` in seconds, `preference` an MX record's."""

    name: str
    kind: str
    value: str
    ttl: int = TTL
    preference: int = 0

    def line(self) -> str:
        """What dnsmasq is told (dnsmasq(8)); MX, TXT and PTR records have no time of their own there."""
        match self.kind:
            case "A" | "AAAA":
                return f"host-record={self.name},{self.value},{self.ttl}"
            case "CNAME":
                return f"cname={self.name},{self.value},{self.ttl}"
            case "MX":
                return f"mx-host={self.name},{self.value},{self.preference}"
            case "PTR":
                return f"ptr-record={self.name},{self.value}"
            case _:
                return f'txt-record={self.name},"{self.value}"'


@dataclass(frozen=True)
class Answers:
    """What a resolver really answers: the lines of its configuration, none where it does not run."""

    lines: tuple[str, ...]

    def knows(self, domain: str) -> bool:
        """Whether it is in charge of a zone."""
        return f"local=/{domain}/" in self.lines

    def find(self, wanted: Name, others: Iterable[Name] = ()) -> tuple[str, int] | None:
        """Value and ttl of a record as it is answered, or None where nothing of the kind is.

        `others` are the records that have the same name: what they account for is theirs.
        """
        if wanted.line() in self.lines:
            return wanted.value, wanted.ttl
        theirs = {other.line() for other in others}
        start = wanted.line().partition("=")[0] + f"={wanted.name},"
        for line in self.lines:
            if line.startswith(start) and line not in theirs:
                return _said(wanted, line.removeprefix(start))
        return None


def _said(wanted: Name, rest: str) -> tuple[str, int]:
    if wanted.kind in ("TXT", "PTR"):
        return rest.strip('"'), wanted.ttl
    value, _, last = rest.partition(",")
    number = int(last) if last.isdecimal() else 0
    return value, wanted.ttl if wanted.kind == "MX" else number


def attached(zone: Record, records: Iterable[Record]) -> set[str]:
    """The VPCs that a private zone answers in: those of its own list, and those attached one by one."""
    own = {vpc["uniqVpcId"] for vpc in zone.inputs.get("vpcSets") or []}
    return own | {
        record.inputs["vpcSet"]["uniqVpcId"]
        for record in records
        if record.type == ZONE_VPC and record.inputs["zoneId"] == zone.id and record.inputs.get("vpcSet")
    }


def private_name(domain: str, inputs: Mapping[str, Any]) -> Name | None:
    """The name of a record of a private zone, or None where the record is switched off."""
    if inputs.get("status", "enabled") != "enabled":
        return None
    return _name(domain, inputs, inputs["recordValue"])


def public_name(inputs: Mapping[str, Any]) -> Name | None:
    """The name of a record at DNSPod, or None where it is switched off."""
    if (inputs.get("status") or "ENABLE").upper() != "ENABLE":
        return None
    return _name(inputs["domain"], inputs, inputs["value"])


def _name(domain: str, inputs: Mapping[str, Any], value: str) -> Name:
    sub, kind = inputs.get("subDomain") or "@", inputs["recordType"]
    # Other names are written with the root's dot or without it, and mean the same.
    value = value.removesuffix(".") if kind in ("CNAME", "MX", "PTR") else value
    name = domain if sub == "@" else f"{sub}.{domain}"
    return Name(name, kind, value, int(inputs.get("ttl") or TTL), int(inputs.get("mx") or 0))


def names_of(records: Iterable[Record]) -> dict[str, list[tuple[Record, Name]]]:
    """The names of each zone and public domain, by its id."""
    records = list(records)
    zones = {record.id: record.inputs["domain"] for record in records if record.type == ZONE}
    found: dict[str, list[tuple[Record, Name]]] = {}
    for record in records:
        if record.type == RECORD and record.inputs["zoneId"] in zones:
            key, name = record.inputs["zoneId"], private_name(zones[record.inputs["zoneId"]], record.inputs)
        elif record.type == PUBLIC_RECORD:
            key, name = record.inputs["domain"], public_name(record.inputs)
        else:
            continue
        if name:
            found.setdefault(key, []).append((record, name))
    return found


def lines(
    records: Iterable[Record], vpc_id: str, public: Mapping[str, str], single: Mapping[str, str]
) -> str:
    """dnsmasq's configuration for one VPC.

    `public` maps a service's name to its address, and names under it answer the same; `single` are the CDN's and the
    registries' names, by themselves.
    """
    records = list(records)
    # `local` beside `address`, so that a question for the other family is answered by "none" and not refused.
    text: list[str] = []
    for name, address in sorted(public.items()):
        text += [f"address=/{name}/{address}", f"local=/{name}/"]
    for name, address in sorted(single.items()):
        text += [f"local=/{name}/", Name(name, "A", address).line()]
    names = names_of(records)
    private = [zone for zone in records if zone.type == ZONE and vpc_id in attached(zone, records)]
    open_ = [domain for domain in records if domain.type == DOMAIN and _serves(domain)]
    for zone in (*open_, *private):
        text.append(f"local=/{zone.inputs['domain']}/")
        found = names.get(zone.inputs["domain"] if zone.type == DOMAIN else zone.id, [])
        text += [name.line() for _, name in sorted(found, key=lambda each: (each[1].name, each[0].id))]
    return "\n".join(text) + "\n"


def _serves(domain: Record) -> bool:
    return (domain.inputs.get("status") or "enable") == "enable"
