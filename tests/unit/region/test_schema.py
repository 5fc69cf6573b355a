"""What Check refuses by the real provider's tables."""

import pytest

from region import schema

INSTANCE = "tencentcloud:Instance/instance:Instance"
LISTENER = "tencentcloud:Clb/listener:Listener"
CLB = "tencentcloud:Clb/instance:Instance"
RULE_SET = "tencentcloud:Security/groupRuleSet:GroupRuleSet"

REFUSED = [
    (CLB, {"networkType": "OPEN"}, ("clbName", "is required")),
    (
        CLB,
        {"clbName": "x", "networkType": "NOWHERE"},
        ("networkType", "has to be one of OPEN, INTERNAL, not 'NOWHERE'"),
    ),
    (CLB, {"clbName": "", "networkType": "OPEN"}, ("clbName", "has to be 1 to 60 bytes long, not 0")),
    (CLB, {"clbName": "x", "networkType": "OPEN", "vpc": "y"}, ("vpc", f"is not a property of {CLB}")),
    (
        LISTENER,
        {"clbId": "lb-1", "listenerName": "l", "protocol": "HTTP", "port": 70000},
        ("port", "has to be between 1 and 65535, not 70000"),
    ),
    (INSTANCE, {"systemDiskSize": "big"}, ("systemDiskSize", "has to be of type integer, not 'big'")),
    (INSTANCE, {"securityGroups": "sg-1"}, ("securityGroups", "has to be a list, not 'sg-1'")),
    (
        RULE_SET,
        {"securityGroupId": "sg-1", "ingresses": [{"port": "22"}]},
        ("ingresses[0].action", "is required"),
    ),
]


@pytest.mark.parametrize(("type_", "inputs", "failure"), REFUSED)
def test_refusals_name_field_and_reason(
    type_: str, inputs: dict[str, object], failure: tuple[str, str]
) -> None:
    assert failure in schema.check(type_, inputs)


def test_values_that_are_not_known_yet_are_not_judged() -> None:
    inputs = {
        "clbId": schema.UNKNOWN,
        "listenerName": "l",
        "protocol": schema.UNKNOWN,
        "port": schema.UNKNOWN,
    }
    assert schema.check(LISTENER, inputs) == []


def test_what_the_provider_coerces_is_taken() -> None:
    inputs = {"clbId": "lb-1", "listenerName": "l", "protocol": "HTTP", "port": "80"}
    assert schema.check(LISTENER, inputs) == []


def test_every_realised_type_is_one_of_the_real_providers() -> None:
    from region.resources import RESOURCES

    assert {resource.type for resource in RESOURCES} <= schema.types()
