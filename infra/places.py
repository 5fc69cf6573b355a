"""What Tencent Cloud calls its zones and machines: data, not decisions.

Zones and their numbers: "Regions and Availability Zones" (cloud.tencent.com/document/product/213/6091).
Instance families: "Instance Types" (cloud.tencent.com/document/product/213/11518).
"""

import re

# TDMQ and Redis replicas name zones by number, everything else by name.
ZONE_NUMBERS: dict[str, int] = {
    "ap-guangzhou-1": 100001,
    "ap-guangzhou-2": 100002,
    "ap-guangzhou-3": 100003,
    "ap-guangzhou-4": 100004,
    "ap-guangzhou-6": 100006,
    "ap-guangzhou-7": 100007,
    "ap-shanghai-1": 200001,
    "ap-shanghai-2": 200002,
    "ap-shanghai-3": 200003,
    "ap-shanghai-4": 200004,
    "ap-shanghai-5": 200005,
    "ap-shanghai-8": 200008,
    "ap-beijing-1": 800001,
    "ap-beijing-2": 800002,
    "ap-beijing-3": 800003,
    "ap-beijing-4": 800004,
    "ap-beijing-5": 800005,
    "ap-beijing-6": 800006,
    "ap-beijing-7": 800007,
}

INSTANCE_FAMILIES: frozenset[str] = frozenset(
    {
        *("S1", "S2", "S2ne", "S3", "S4", "S5", "S5se", "S6", "S8", "SN3ne", "TS5"),
        *("SA1", "SA2", "SA3", "SA4", "SA5", "SR1"),
        *("C2", "C3", "C4", "C4ne", "C5", "C6", "CN3"),
        *("M1", "M2", "M3", "M4", "M5", "M6", "M6ce", "M6mp", "MA2", "MA3"),
        *("I1", "I2", "I3", "IT3", "IT5", "D2", "D3"),
    }
)

_INSTANCE_TYPE = re.compile(r"(?P<family>[A-Za-z0-9]+)\.(?:SMALL|MEDIUM|LARGE|\d{1,2}XLARGE)\d{1,4}")


def region_of(zone: str) -> str:
    """ap-guangzhou-3 → ap-guangzhou."""
    return zone.rpartition("-")[0]


REGIONS: tuple[str, ...] = tuple(dict.fromkeys(region_of(zone) for zone in ZONE_NUMBERS))


def zone_number(zone: str) -> int:
    """The number of a known zone."""
    return ZONE_NUMBERS[zone]


def zone_problem(zone: str) -> str | None:
    """Why this is not a zone, or None."""
    if zone in ZONE_NUMBERS:
        return None
    siblings = [known for known in ZONE_NUMBERS if region_of(known) == region_of(zone)]
    return f"{zone!r} is not a known zone; known ones: {', '.join(siblings or REGIONS)}"


def instance_type_problem(name: str) -> str | None:
    """Why this is not an instance type, or None."""
    match = _INSTANCE_TYPE.fullmatch(name)
    if match is None:
        return f"{name!r} is not an instance type: write FAMILY.SIZE, such as S5.MEDIUM2"
    if match["family"] not in INSTANCE_FAMILIES:
        return f"{name!r}: {match['family']!r} is not a known instance family"
    return None
