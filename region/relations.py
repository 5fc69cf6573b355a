"""Inputs that exclude each other, and inputs of which one has to be given: what the provider's Check knows of them.

Read off the real provider's schema, as its public source has it (terraform-provider-tencentcloud: `ConflictsWith`,
`ExactlyOneOf`, `AtLeastOneOf`). Inputs that need each other are in the checks table.
"""

from collections.abc import Iterator, Mapping
from typing import Any

_PAYMENT: dict[str, tuple[str, ...]] = {
    "payType": ("chargeType", "prepaidPeriod"),
    "period": ("chargeType", "prepaidPeriod"),
    "chargeType": ("payType", "period"),
    "prepaidPeriod": ("payType", "period"),
}
_CONFLICTS: dict[str, dict[str, tuple[str, ...]]] = {
    "Clb/attachment": {"ruleId": ("domain", "url"), "domain": ("ruleId",), "url": ("ruleId",)},
    "Cdn/domain": {"fullUrlCache": ("cacheKey",)},
    "Clb/listener": {
        "certificateSslMode": ("multiCertInfo",),
        "certificateId": ("multiCertInfo",),
        "certificateCaId": ("multiCertInfo",),
        "multiCertInfo": ("certificateSslMode", "certificateId", "certificateCaId"),
    },
    "Clb/listenerRule": {"domain": ("domains",), "domains": ("domain",)},
    "Instance/instance": {
        "keepImageLogin": ("keyName", "keyIds", "password"),
        "keyIds": ("keyName", "password"),
        "keyName": ("keyIds",),
        "orderlySecurityGroups": ("securityGroups",),
        "securityGroups": ("orderlySecurityGroups",),
        "userData": ("userDataRaw",),
        "userDataRaw": ("userData",),
    },
    "Mysql/drInstance": _PAYMENT,
    "Mysql/instance": _PAYMENT,
    "Mysql/readonlyInstance": _PAYMENT,
}
"""Fields that exclude others: both are refused, and where one is given the others get no default."""

_ANY_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "Clb/listenerRule": (("domain", "domains"),),
    "Instance/instance": (("imageId", "launchTemplateId"), ("availabilityZone", "launchTemplateId")),
}
"""Fields of which one has to be given."""


def conflicts(kind: str, name: str) -> tuple[str, ...]:
    """The inputs that exclude this one; `kind` is such as `Mysql/instance`."""
    return _CONFLICTS.get(kind, {}).get(name, ())


def any_of(kind: str) -> tuple[tuple[str, ...], ...]:
    """The inputs of which at least one has to be given, group by group."""
    return _ANY_OF.get(kind, ())


def refused(kind: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields that are refused for what else is given or isn't, with the reason."""
    given = {name for name, value in inputs.items() if value is not None}
    for name in sorted(given):
        if excluded := [other for other in conflicts(kind, name) if other in given]:
            yield name, f"conflicts with {', '.join(excluded)}"
    for group in any_of(kind):
        if not given & set(group):
            yield group[0], f"is required, or one of: {', '.join(group[1:])}"
