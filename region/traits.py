"""What the fact tables don't say about inputs and the provider's answers depend on: defaults, sets, texts.

Read off the real provider's schema, as its public source has it (terraform-provider-tencentcloud: `Default`,
`TypeSet`, `DiffSuppressFunc`). `tencentcloud-0.2.3-computed.json` is made from the SDK by
`region.schema_from_sdk`.
"""

import functools
import json
from typing import Any

from region import schema

_PAID: dict[str, Any] = {
    "chargeType": "POSTPAID",
    "prepaidPeriod": 1,
    "autoRenewFlag": 0,
    "intranetPort": 3306,
    "forceDelete": False,
}
"""What MySQL's instances of each kind begin with."""

_DEFAULTS: dict[str, dict[str, Any]] = {
    "Cam/user": {
        "consoleLogin": False,
        "forceDelete": False,
        "needResetPassword": True,
        "remark": "",
        "useApi": True,
    },
    "Cbs/storage": {"chargeType": "POSTPAID_BY_HOUR", "forceDelete": False},
    "Cbs/snapshotPolicy": {"retentionDays": 7},
    "Cdn/domain": {
        "projectId": 0,
        "rangeOriginSwitch": "on",
        "ipv6AccessSwitch": "off",
        "followRedirectSwitch": "off",
        "origin.cosPrivateAccess": "off",
        "origin.originPullProtocol": "http",
        "httpsConfig.http2Switch": "off",
        "httpsConfig.ocspStaplingSwitch": "off",
        "httpsConfig.spdySwitch": "off",
        "httpsConfig.verifyClient": "off",
        "httpsConfig.forceRedirect.switch": "off",
        "httpsConfig.forceRedirect.redirectType": "http",
        "httpsConfig.forceRedirect.redirectStatusCode": 302,
        "httpsConfig.forceRedirect.carryHeaders": "off",
    },
    "Clb/attachment": {"targets[].eniIp": "", "targets[].instanceId": "", "targets[].weight": 10},
    "Clb/instance": {"projectId": 0, "loadBalancerPassToTarget": False},
    "Clb/listener": {"scheduler": "WRR"},
    "Clb/listenerRule": {"scheduler": "WRR", "targetType": "NODE"},
    "Clb/redirection": {"deleteAllAutoRewrite": False, "isAutoRewrite": False},
    "Cos/bucket": {
        "acl": "private",
        "versioningEnable": False,
        "accelerationEnable": False,
        "forceClean": False,
        "logEnable": False,
        "originPullRules[].syncBackToSource": False,
        "originPullRules[].prefix": "",
        "originPullRules[].protocol": "",
        "originPullRules[].followQueryString": True,
        "originPullRules[].followRedirection": True,
        "originDomainRules[].type": "REST",
        "originDomainRules[].status": "ENABLED",
    },
    "Cos/bucketObject": {"acl": "private"},
    "Dnspod/record": {"status": "ENABLE", "subDomain": "@", "ttl": 600},
    "Eip/instance": {"type": "EIP"},
    "Instance/instance": {
        "allocatePublicIp": False,
        "disableAutomationService": False,
        "disableMonitorService": False,
        "disableSecurityService": False,
        "forceDelete": False,
        "userDataReplaceOnChange": False,
        "dataDisks[].deleteWithInstance": True,
        "dataDisks[].deleteWithInstancePrepaid": False,
        "dataDisks[].encrypt": False,
        "dataDisks[].throughputPerformance": 0,
    },
    "Key/pair": {"projectId": 0},
    "Mongodb/instance": {"autoRenewFlag": 0, "chargeType": "POSTPAID_BY_HOUR", "projectId": 0, "vpcId": ""},
    "Mysql/account": {"host": "%"},
    "Mysql/backupPolicy": {
        "backupModel": "physical",
        "backupTime": "02:00-06:00",
        "enableBinlogStandby": "off",
        "retentionPeriod": 7,
    },
    "Mysql/drInstance": {**_PAID, "projectId": 0},
    "Mysql/instance": {
        **_PAID,
        "internetService": 0,
        "engineVersion": "5.7",
        "slaveDeployMode": 0,
        "slaveSyncMode": 0,
        "projectId": 0,
    },
    "Mysql/privilege": {"accountHost": "%"},
    "Mysql/readonlyInstance": _PAID,
    "PrivateDns/zone": {"cnameSpeedupStatus": "ENABLED", "dnsForwardStatus": "DISABLED"},
    "Redis/instance": {
        "redisReplicasNum": 1,
        "projectId": 0,
        "port": 6379,
        "chargeType": "POSTPAID",
        "autoRenewFlag": 0,
    },
    "Ssl/certificate": {"projectId": 0},
    "Subnet/instance": {"isMulticast": True},
    "Tcr/instance": {"openPublicOperation": False, "registryChargeType": 1, "deleteBucket": False},
    "Tcr/namespace": {"isPublic": False, "isAutoScan": False, "isPreventVul": False},
    "Tcr/token": {"enable": True},
    "Vpc/instance": {"isMulticast": True},
}
"""By the module and kind of a type token: what Check fills in where nothing is given."""

_SETS: dict[str, tuple[str, ...]] = {
    "As/loadBalancer": ("forwardLoadBalancers[].targetAttributes",),
    "As/scalingGroup": ("zones", "subnetIds"),
    "Cbs/snapshotPolicy": ("repeatHours", "repeatWeekdays"),
    "Clb/attachment": ("targets",),
    "Clb/listener": ("multiCertInfo.certIdLists",),
    "Clb/listenerRule": ("domains",),
    "Clb/targetGroupAttachments": ("associations",),
    "Cos/bucket": (
        "lifecycleRules[].transitions",
        "lifecycleRules[].nonCurrentTransitions",
        "originPullRules[].followHttpHeaders",
    ),
    "Instance/instance": ("keyIds", "securityGroups"),
    "Mongodb/instance": ("securityGroups",),
    "Mysql/drInstance": ("securityGroups",),
    "Mysql/instance": ("securityGroups",),
    "Mysql/privilege": (
        "globals",
        *(name for part in ("databases", "tables", "columns") for name in (part, f"{part}[].privileges")),
    ),
    "Mysql/readonlyInstance": ("securityGroups",),
    "Nat/gateway": ("assignedEipSets",),
    "PrivateDns/zone": ("vpcSets", "accountVpcSets", "tagSets"),
    "Redis/instance": ("securityGroups",),
    "Tcr/instance": ("securityPolicies",),
    "Tdmq/rabbitmqVipInstance": ("zoneIds",),
    "Vpc/instance": ("assistantCidrs", "dnsServers"),
}
"""Lists whose order says nothing; all others have one."""

_DOCUMENTS: frozenset[tuple[str, str]] = frozenset(
    {("Cos/bucketPolicy", "policy"), ("Cam/policy", "document"), ("Cam/role", "document")}
)
"""JSON texts: two that say the same are no difference."""

_UPDATED: frozenset[tuple[str, str]] = frozenset(
    {("Monitor/alarmPolicy", "policyTags"), ("Mysql/rollback", "databases"), ("Mysql/rollback", "tables")}
)
"""Marked as replacing in the fact table; to Diff the provider answers that they update."""


def kind_of(type_: str) -> str:
    """`tencentcloud:Mysql/instance:Instance` as `Mysql/instance`."""
    return type_.split(":")[1]


def defaults(type_: str) -> dict[str, Any]:
    """What Check fills in, by path; `targets[].weight` is a property of each element."""
    return _DEFAULTS.get(kind_of(type_), {})


def is_set(type_: str, path: str) -> bool:
    """Whether the list at that path is one without order."""
    return path in _SETS.get(kind_of(type_), ())


def is_document(type_: str, path: str) -> bool:
    """Whether the text at that path is JSON that is compared by what it says."""
    return (kind_of(type_), path) in _DOCUMENTS


def is_autonamed(type_: str) -> bool:
    """Whether the provider makes up a name where none is given; it does wherever there is a field `name`."""
    field: dict[str, Any] = schema.fields(type_).get("name", {})
    return field.get("type") == "string"


@functools.cache
def _computed() -> dict[str, list[str]]:
    file = schema.HERE / "tencentcloud-0.2.3-computed.json"
    found: dict[str, list[str]] = json.loads(file.read_text())
    return found


def is_computed(type_: str, path: str) -> bool:
    """Whether the cloud decides an input that is not given; taking it away then changes nothing."""
    return path in _computed().get(type_, ())


@functools.cache
def replaces(type_: str) -> frozenset[str]:
    """The inputs whose change makes the resource anew, as the provider answers to Diff."""
    kind = kind_of(type_)
    return frozenset(name for name in schema.replaces(type_) if (kind, name) not in _UPDATED)
