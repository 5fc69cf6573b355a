"""Checks across the fields of a configuration. They read the raw mapping and pass over what the schema
refuses anyway, so that one run names every mistake."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from infra.places import REGIONS, ZONE_NUMBERS, region_of
from infra.problems import Problem, did_you_mean

CLOUD_ENVIRONMENTS = ("staging", "production")


def check(raw: dict[str, Any], file: str) -> list[Problem]:
    """Everything wrong between fields."""
    found = [
        *_network(raw),
        *_zones(raw),
        *_operator(raw),
        *_domains(raw),
        *_local_region(raw),
        *_wechat(raw),
        *_environment(raw),
    ]
    return [Problem(file, field, message) for field, message in found]


Finding = tuple[str, str]


def _network(raw: dict[str, Any]) -> Iterator[Finding]:
    network = _section(raw, "network")
    vpc = _range(network.get("vpc_cidr"))
    whole = _range(network.get("region_cidr"))
    if vpc and whole and not vpc.subnet_of(whole):
        yield "shop:network.vpc_cidr", f"{vpc} is not inside the region's {whole}"
    placed: list[tuple[str, IPv4Network]] = []
    names: set[str] = set()
    for index, subnet in enumerate(_subnets(raw)):
        field = f"shop:network.subnets[{index}]"
        name = str(subnet.get("name", index))
        if name in names:
            yield f"{field}.name", f"{name!r} is the name of an earlier subnet"
        names.add(name)
        if not (cidr := _range(subnet.get("cidr"))):
            continue
        if vpc and not cidr.subnet_of(vpc):
            yield f"{field}.cidr", f"{name}'s {cidr} is not inside the VPC's {vpc}"
        for other, taken in placed:
            if cidr.overlaps(taken):
                yield f"{field}.cidr", f"{name}'s {cidr} overlaps {other}'s {taken}"
        placed.append((name, cidr))


def _zones(raw: dict[str, Any]) -> Iterator[Finding]:
    region = raw.get("region")
    if region is not None and region not in REGIONS:
        yield "tencentcloud:region", f"{region!r} is not a known region; {did_you_mean(str(region), REGIONS)}"
    zones: dict[str, list[str]] = {"web": [], "data": [], "ops": []}
    for index, subnet in enumerate(_subnets(raw)):
        zone, role = subnet.get("zone"), subnet.get("role")
        if role in zones and zone not in zones[role]:
            zones[role].append(str(zone))
        if zone in ZONE_NUMBERS and region in REGIONS and region_of(zone) != region:
            yield f"shop:network.subnets[{index}].zone", f"{zone!r} is not in the region {region}"
    if not isinstance(_section(raw, "network").get("subnets"), list):
        return
    for role, wanted in (("web", 2), ("data", 2), ("ops", 1)):
        if len(zones[role]) < wanted:
            yield (
                "shop:network.subnets",
                f"the role {role!r} needs subnets in {wanted} zone(s), has {len(zones[role])}",
            )
    standby = _section(raw, "mysql").get("standby_zone")
    if standby in ZONE_NUMBERS and len(zones["data"]) >= 2:
        if standby == zones["data"][0]:
            yield (
                "shop:mysql.standby_zone",
                f"{standby!r} is the primary's own zone; a standby belongs in another",
            )
        elif standby not in zones["data"]:
            yield (
                "shop:mysql.standby_zone",
                f"{standby!r} has no data subnet; zones that have: {', '.join(zones['data'])}",
            )


def _operator(raw: dict[str, Any]) -> Iterator[Finding]:
    cidrs = _section(raw, "operator").get("cidrs")
    for index, value in enumerate(cidrs if isinstance(cidrs, list) else ()):
        cidr = _range(value)
        if cidr and cidr.prefixlen < 8:
            yield f"shop:operator.cidrs[{index}]", f"{cidr} opens SSH to strangers: name your own network"


def _domains(raw: dict[str, Any]) -> Iterator[Finding]:
    if raw.get("domain") and raw.get("domain") == raw.get("cdn_domain"):
        yield "shop:cdn_domain", "is the shop's own domain; the CDN needs one of its own"
    zone = raw.get("public_zone")
    for name in ("domain", "cdn_domain") if zone else ():
        domain = str(raw.get(name, ""))
        if "." in domain and not f".{domain}".endswith(f".{zone}"):
            yield "shop:public_zone", f"{domain} (shop:{name}) is not in the zone {zone}"


def _local_region(raw: dict[str, Any]) -> Iterator[Finding]:
    local = _section(raw, "local_region")
    whole, public, vpc = _range(local.get("cidr")), _range(local.get("public_cidr")), _vpc(raw)
    if whole and public and not public.subnet_of(whole):
        yield "shop:local_region.public_cidr", f"{public} is not inside the region's {whole}"
    if whole and vpc and not vpc.subnet_of(whole):
        yield "shop:network.vpc_cidr", f"{vpc} is not inside the region's {whole}"
    if public and vpc and public.overlaps(vpc):
        yield "shop:local_region.public_cidr", f"{public} overlaps the VPC's {vpc}"
    try:
        operator = IPv4Address(str(local.get("operator_address")))
    except ValueError:
        return
    if whole and operator not in whole:
        yield "shop:local_region.operator_address", f"{operator} is not inside the region's {whole}"


def _wechat(raw: dict[str, Any]) -> Iterator[Finding]:
    account = _section(raw, "wechat")
    if account.get("issuer") == "region" and raw.get("local_region") is None:
        yield (
            "shop:wechat.issuer",
            "is the local region, which this environment does not have: 'provided' is meant",
        )
    if account.get("issuer") == "provided":
        for name in ("app_id", "mch_id", "certificate_serial", "public_key_id", "public_key"):
            if not account.get(name):
                yield f"shop:wechat.{name}", "is missing: WeChat's platforms tell it"


def _environment(raw: dict[str, Any]) -> Iterator[Finding]:
    environment = raw.get("environment")
    if environment not in CLOUD_ENVIRONMENTS:
        return
    if raw.get("protect") is not True:
        yield (
            "shop:protect",
            f"must be true in {environment}: it guards the databases and buckets against deletion",
        )
    if raw.get("generateSecrets") is True:
        yield "shop:generateSecrets", f"must not be true in {environment}: its secrets are set by its owners"
    if raw.get("state") is None:
        yield (
            "shop:state",
            f"is missing: {environment}'s state belongs into a bucket that all its operators reach",
        )
    if raw.get("local_region") is not None:
        yield "shop:local_region", f"must not be set in {environment}: the cloud realises it"


def _section(raw: dict[str, Any], name: str) -> dict[str, Any]:
    section = raw.get(name)
    return section if isinstance(section, dict) else {}


def _subnets(raw: dict[str, Any]) -> list[dict[str, Any]]:
    subnets = _section(raw, "network").get("subnets")
    return (
        [subnet if isinstance(subnet, dict) else {} for subnet in subnets]
        if isinstance(subnets, list)
        else []
    )


def _vpc(raw: dict[str, Any]) -> IPv4Network | None:
    return _range(_section(raw, "network").get("vpc_cidr"))


def _range(value: object) -> IPv4Network | None:
    try:
        return IPv4Network(str(value))
    except ValueError:
        return None
