"""What differs between two sets of properties, as the engine's events give them."""

import json
from typing import Any

import pytest

from shopctl.plan import Difference
from shopctl.plan.differences import LATER, MASK, between, properties, shown

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "[secret]"}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str | None, str | None]]]] = {
    "nothing": ({"a": 1, "b": [1]}, {"a": 1, "b": [1]}, []),
    "a number": ({"memSize": 1000}, {"memSize": 2000}, [("memSize", "1000", "2000")]),
    "added and taken away": (
        {"old": True},
        {"new": None},
        [("new", None, "null"), ("old", "true", None)],
    ),
    "inside": (
        {"tags": {"a": "1"}},
        {"tags": {"a": "2", "b": "3"}},
        [("tags.a", '"1"', '"2"'), ("tags.b", None, '"3"')],
    ),
    "a rule taken out of the middle": (
        {"ingresses": [{"port": "22"}, {"port": "80"}, {"port": "443"}]},
        {"ingresses": [{"port": "22"}, {"port": "443"}]},
        [("ingresses[1]", '{"port": "80"}', None)],
    ),
    "one word of a rule": (
        {"ingresses": [{"port": "22", "action": "ACCEPT"}]},
        {"ingresses": [{"port": "22", "action": "DROP"}]},
        [("ingresses[0].action", '"ACCEPT"', '"DROP"')],
    ),
    "a policy in a string": (
        {"policy": json.dumps({"version": "2.0", "Statement": [{"Effect": "allow"}]})},
        {"policy": json.dumps({"version": "2.0", "Statement": [{"Effect": "deny"}]}, indent=1)},
        [("policy.Statement[0].Effect", '"allow"', '"deny"')],
    ),
    "known later": ({"vpcId": "vpc-1"}, {"vpcId": UNKNOWN}, [("vpcId", '"vpc-1"', LATER)]),
    "the provider's own notes": (
        {"__defaults": [], "targets": [{"port": 80, "__defaults": ["eniIp"]}]},
        {"__defaults": ["a"], "targets": [{"port": 80}]},
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_differences(name: str) -> None:
    old, new, wanted = CASES[name]
    assert between(old, new) == tuple(Difference(*difference) for difference in wanted)


def test_a_secret_that_changed_is_named_and_not_shown() -> None:
    found = between({"rootPassword": SECRET}, {"rootPassword": SECRET}, names=["rootPassword"])
    assert found == (Difference("rootPassword", MASK, MASK),)


@pytest.mark.parametrize("name", ["password", "secretKey", "privateKey", "sessionToken", "tlsPassphrase"])
def test_what_is_called_a_secret_is_never_shown(name: str) -> None:
    """A provider may hand out in clear what nobody marked as a secret."""
    found = between({name: "alpha", "a": {name: "two"}}, {name: "three", "a": {name: "four"}})
    assert "alpha" not in str(found + properties({name: "three", "list": [{name: "five"}]}))
    assert {difference.new for difference in found} == {MASK}
    assert MASK in str(properties({"list": [{name: "five"}]}))
    assert "five" not in str(properties({"list": [{name: "five"}]}))


def test_what_forces_a_replacement_is_marked() -> None:
    found = between({"zone": "a", "name": "x"}, {"zone": "b", "name": "y"}, forcing=["zone"])
    assert [(d.path, d.forces) for d in found] == [("name", False), ("zone", True)]


def test_only_what_the_engine_names_counts() -> None:
    assert [d.path for d in between({"a": 1, "b": 1}, {"a": 2, "b": 2}, names=["a.x[0]"])] == ["a"]


def test_long_values_keep_both_ends() -> None:
    text = shown("content", "begin" + "x" * 500 + "end")
    assert len(text) == 63
    assert text.startswith('"begin')
    assert text.endswith('end"')
