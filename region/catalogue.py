"""What Tencent Cloud calls its zones and machines, and what they have: data, not decisions.

Zones: "Regions and Availability Zones" (cloud.tencent.com/document/product/213/6091).
Instance families and sizes: "Instance Types" (cloud.tencent.com/document/product/213/11518).
"""

import re

ZONES: dict[str, tuple[int, ...]] = {
    "ap-guangzhou": (1, 2, 3, 4, 5, 6, 7),
    "ap-shanghai": (1, 2, 3, 4, 5, 8),
    "ap-nanjing": (1, 2, 3),
    "ap-beijing": (1, 2, 3, 4, 5, 6, 7, 8),
    "ap-chengdu": (1, 2),
    "ap-chongqing": (1,),
    "ap-hongkong": (1, 2, 3),
    "ap-singapore": (1, 2, 3, 4),
}
"""The numbers of each region's zones."""

FAMILIES: frozenset[str] = frozenset(
    {
        *("S1", "S2", "S2ne", "S3", "S4", "S5", "S5se", "S6", "S8", "SN3ne", "TS5"),
        *("SA1", "SA2", "SA3", "SA4", "SA5", "SR1"),
        *("C2", "C3", "C4", "C4ne", "C5", "C6", "CN3"),
        *("M1", "M2", "M3", "M4", "M5", "M6", "M6ce", "M6mp", "MA2", "MA3"),
        *("I1", "I2", "I3", "IT3", "IT5", "D2", "D3"),
    }
)
DEFAULT_TYPE = "S1.SMALL1"
"""What the cloud gives when no type is asked for (the SDK's docstring of `instance_type`)."""

_TYPE = re.compile(
    r"(?P<family>[A-Za-z0-9]+)\.(?P<times>\d{0,2})(?P<size>SMALL|MEDIUM|LARGE|XLARGE)(?P<memory>\d{1,4})"
)
_CORES = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4, "XLARGE": 4}


def zones(region: str) -> tuple[str, ...]:
    """The zones of a region of the cloud."""
    return tuple(f"{region}-{number}" for number in ZONES.get(region, ()))


def zone_problem(zone: str, region: str) -> str | None:
    """Why that is not a zone of the region, or None."""
    if zone in zones(region):
        return None
    return f"has to be a zone of {region} ({', '.join(zones(region))}), not {zone!r}"


def size_of(type_: str | None) -> tuple[int, int]:
    """Cores and GiB of memory of an instance type, as its name says: `S5.2XLARGE16` has 8 and 16."""
    found = _TYPE.fullmatch(type_ or DEFAULT_TYPE)
    if found is None:
        return 0, 0
    return _CORES[found["size"]] * int(found["times"] or 1), int(found["memory"])


def type_problem(type_: str) -> str | None:
    """Why that is not an instance type, or None."""
    found = _TYPE.fullmatch(type_)
    if found is None or found["family"] not in FAMILIES:
        return f"is not an instance type that exists: {type_!r}; write FAMILY.SIZE, such as S5.MEDIUM2"
    return None
