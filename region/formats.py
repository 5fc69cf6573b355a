"""Texts that the real provider refuses before it asks the cloud, beyond values, ranges and lengths.

The reasons are the provider's own words, as `schema/tencentcloud-0.2.3-checks.json` has them under `refuses`.
"""

import datetime
import ipaddress
import json
import re
from collections.abc import Callable

Judge = Callable[[str], str | None]
"""Takes a text and returns why it is refused, or None."""

SYMBOLS = "_+-&=!@#$%^*()"


def _password(field: str) -> Judge:
    def judge(text: str) -> str | None:
        kinds = (str.isalpha, str.isdigit, SYMBOLS.__contains__)
        if all(any(map(kind, text)) for kind in kinds):
            return None
        return f"the format of {field} is invalid: it must contain at least letters: Numbers: and characters({SYMBOLS})"

    return judge


def _matches(pattern: str, reason: str) -> Judge:
    compiled = re.compile(pattern)
    return lambda text: None if compiled.fullmatch(text) else reason


def _parses(parse: Callable[[str], object], reason: str) -> Judge:
    def judge(text: str) -> str | None:
        try:
            parse(text)
        except ValueError as error:
            return f"{reason}: {error}"
        return None

    return judge


def _no_newline(field: str) -> Judge:
    return lambda text: f"{field} can't have \\n suffix" if text.endswith("\n") else None


def _cidr(text: str) -> object:
    if "/" not in text:
        raise ValueError("invalid CIDR address")
    return ipaddress.ip_network(text, strict=False)


def _given(field: str) -> Judge:
    return lambda text: None if text else f"{field} must not use empty string"


REDIS_TYPES = (
    "cluster_ckv",
    "cluster_redis5.0",
    "cluster_redis",
    "master_slave_ckv",
    "master_slave_redis4.0",
    "master_slave_redis5.0",
    "master_slave_redis",
    "standalone_redis",
)
"""As the SDK's docstring of `type` lists them."""

_INSTANCE_TYPE = _matches(
    r"[A-Za-z0-9]+\.[A-Za-z0-9]+", "the format of instance_type is invalid: it should be like S1.SMALL1"
)
_BUCKET = _matches(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", "bucket is not valid")
_PORTS = _matches(
    r"(?i:all)|\d+(-\d+)?(,\d+(-\d+)?)*",
    "port_range example: `53`: `80: 443` and `80-90`: Not configured to represent all ports",
)
_CIDR = _parses(_cidr, "must contain a valid CIDR: got error parsing")
_CVM_PASSWORD = _password("password")
_TIME = _parses(datetime.datetime.fromisoformat, "cannot be parsed as RFC3339 Timestamp Format")

FORMATS: dict[tuple[str, str], Judge] = {
    ("As/scalingConfig", "password"): _CVM_PASSWORD,
    ("As/scalingConfig", "spotMaxPrice"): _parses(float, "spot_max_price must be a number"),
    ("As/schedule", "startTime"): _TIME,
    ("As/schedule", "endTime"): _TIME,
    ("Cam/user", "password"): _CVM_PASSWORD,
    ("Clb/targetGroup", "targetGroupInstances[].bindIp"): _parses(
        ipaddress.ip_address, "must contain a valid IP"
    ),
    ("Clb/targetGroupInstanceAttachment", "bindIp"): _given("bind_ip"),
    ("Clb/targetGroupInstanceAttachment", "targetGroupId"): _given("target_group_id"),
    ("Cos/bucket", "aclBody"): lambda text: (
        None if "AccessControlPolicy" in text else "[CRITAL]missing the AccessControlPolicy element"
    ),
    ("Cos/bucket", "bucket"): _BUCKET,
    ("Cos/bucketPolicy", "bucket"): _BUCKET,
    ("Cos/bucketPolicy", "policy"): _parses(json.loads, '"policy" contains an invalid JSON'),
    ("Instance/instance", "instanceType"): _INSTANCE_TYPE,
    ("Instance/instance", "cdhInstanceType"): _matches(
        r"CDH_.*", "cdh_instance_type doesn't have preifx [CDH_]"
    ),
    ("Instance/instance", "spotMaxPrice"): _parses(float, "spot_max_price must be a number"),
    ("Key/pair", "keyName"): _matches(r"\w*", 'key_name only support letters: numbers and "_"'),
    ("Mysql/account", "password"): _password("password"),
    ("Mysql/instance", "rootPassword"): _password("root_password"),
    ("Redis/instance", "password"): _password("password"),
    ("Redis/instance", "type"): lambda text: (
        None if text in REDIS_TYPES else f"this redis type {text} not support now"
    ),
    ("Route/tableEntry", "destinationCidrBlock"): _CIDR,
    ("Security/groupRule", "portRange"): _PORTS,
    ("Ssl/certificate", "cert"): _no_newline("cert"),
    ("Ssl/certificate", "key"): _no_newline("key"),
    ("Subnet/instance", "cidrBlock"): _CIDR,
    ("Vpc/instance", "cidrBlock"): _CIDR,
}
"""By the module and kind of a type token, and the path of a property."""


def refusal(type_: str, path: str, text: str) -> str | None:
    """Why the provider refuses `text` at that property, or None."""
    judge = FORMATS.get((type_.split(":")[1], path))
    return judge(text) if judge else None
