"""Plans as text and as data."""

import json

from shopctl import plan as plans
from shopctl.plan import Change, Plan

MIXED = Plan(
    operation="up",
    environment="local",
    changes=(
        Change("delete", "tencentcloud:Vpc/subnet:Subnet", "old"),
        Change("create", "tencentcloud:Instance/instance:Instance", "web-2"),
        Change("replace", "tencentcloud:Mysql/instance:Instance", "mysql", ("chargeType", "zone")),
        Change("update", "tencentcloud:Clb/instance:Instance", "balancer", ("bandwidth",)),
        Change("create", "tencentcloud:Instance/instance:Instance", "web-1"),
    ),
    unchanged=40,
    steps=("configure the hosts",),
    warnings=("data is deleted for good: mysql",),
)

GOLDEN = """\
Plan: up local
  + create  Instance        web-1
  + create  Instance        web-2
  ~ update  Clb.Instance    balancer  [bandwidth]
  ± replace Mysql.Instance  mysql     [chargeType, zone]
  - delete  Vpc.Subnet      old
  > configure the hosts
  ! data is deleted for good: mysql
  2 to create, 1 to update, 1 to replace, 1 to delete, 40 unchanged"""

EMPTY = """\
Plan: up local
  nothing to change: all 43 resources are as the program says
  43 unchanged"""


def test_text() -> None:
    assert plans.text(MIXED) == GOLDEN


def test_an_empty_plan_says_why() -> None:
    plan = Plan("up", "local", unchanged=43, reason="all 43 resources are as the program says")
    assert plan.empty
    assert plans.text(plan) == EMPTY


def test_colours_warn_of_what_is_lost() -> None:
    styles = {line.split()[1]: style for line, style in plans.lines(MIXED)[1:6]}
    assert styles == {"create": "green", "update": "yellow", "replace": "red", "delete": "red"}


def test_json_has_the_same_facts() -> None:
    data = json.loads(json.dumps(MIXED.as_json()))
    assert data["counts"] == {"create": 2, "update": 1, "replace": 1, "delete": 1}
    assert data["unchanged"] == 40
    assert {"operation": "replace", "type": "tencentcloud:Mysql/instance:Instance", "name": "mysql",
            "properties": ["chargeType", "zone"]} in data["changes"]  # fmt: skip
