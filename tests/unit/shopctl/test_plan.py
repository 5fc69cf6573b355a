"""Plans as text and as data."""

import json

from shopctl.plan import Change, Difference, Plan
from shopctl.plan import text as plans

MIXED = Plan(
    operation="up",
    environment="local",
    changes=(
        Change("delete", "tencentcloud:Vpc/subnet:Subnet", "old"),
        Change(
            "create",
            "tencentcloud:Instance/instance:Instance",
            "web-2",
            differences=(Difference("hostname", None, '"web-2"'),),
        ),
        Change(
            "replace",
            "tencentcloud:Mysql/instance:Instance",
            "mysql",
            ("availabilityZone", "rootPassword"),
            (
                Difference("availabilityZone", '"ap-guangzhou-3"', '"ap-guangzhou-4"', forces=True),
                Difference("rootPassword", "***", "***"),
            ),
        ),
        Change(
            "update",
            "tencentcloud:Clb/instance:Instance",
            "balancer",
            ("bandwidth", "tags"),
            (Difference("bandwidth", "10", "20"), Difference("tags.owner", None, '"ops"')),
        ),
        Change("create", "tencentcloud:Instance/instance:Instance", "web-1"),
        Change("delete", "tencentcloud:Cos/bucket:Bucket", "media"),
    ),
    unchanged=40,
    steps=("configure the hosts",),
    warnings=("secrets are placeholders",),
    drift=(
        Change(
            "update",
            "tencentcloud:Clb/instance:Instance",
            "balancer",
            ("bandwidth",),
            (Difference("bandwidth", "20", "10"),),
        ),
        Change("delete", "tencentcloud:Instance/instance:Instance", "web-1"),
    ),
)

GOLDEN = """\
Plan: up local
  found changed by other means:
  ~ changed Clb.Instance  balancer
      bandwidth: was 20, is 10
  - gone    Instance      web-1
  to do:
  + create  Instance        web-1
  + create  Instance        web-2
  ~ update  Clb.Instance    balancer
      bandwidth: 10 → 20
      tags.owner: - → "ops"
  ± replace Mysql.Instance  mysql
      LOST WITH IT: every database, account and binary log of the MySQL instance
      availabilityZone: "ap-guangzhou-3" → "ap-guangzhou-4"   (forces the replacement)
      rootPassword: *** → ***
  - delete  Cos.Bucket      media
      LOST WITH IT: every object of the bucket, with its versions
  - delete  Vpc.Subnet      old
  > configure the hosts
  ! secrets are placeholders
  2 to create, 1 to update, 1 to replace, 2 to delete, 40 unchanged"""

EMPTY = """\
Plan: up local
  nothing to change: all 43 resources are as the program says
  43 unchanged"""

PROTECTED = """\
Plan: up production
  ! PROTECTED, will not be deleted: Mysql.Instance mysql
  ± replace Mysql.Instance  mysql  [zone]
      LOST WITH IT: every database, account and binary log of the MySQL instance
  1 to replace"""

LOOKED = """\
Plan: refresh local
  ~ changed Security.GroupRuleSet  rules
      ingresses[1]: was {"port": "80"}, is -
  - gone    Cos.BucketPolicy       policy
  2 differ, 40 as on record"""


def test_text() -> None:
    assert plans.text(MIXED) == GOLDEN


def test_the_properties_of_what_is_new_are_shown_when_asked_for() -> None:
    assert '  + create  Instance        web-2\n      hostname: "web-2"\n' in plans.text(
        MIXED, everything=True
    )


def test_what_is_protected_is_named_first() -> None:
    type_ = "tencentcloud:Mysql/instance:Instance"
    change = Change("replace", type_, "mysql", ("zone",), protected=True)
    plan = Plan("up", "production", (change, Change("update", type_, "mysql-ro", protected=True)))
    assert plan.refused == (change,)
    assert plans.text(Plan("up", "production", (change,))) == PROTECTED


def test_a_refresh_says_what_was_and_what_is() -> None:
    rules = Change(
        "update",
        "tencentcloud:Security/groupRuleSet:GroupRuleSet",
        "rules",
        differences=(Difference("ingresses[1]", '{"port": "80"}', None),),
    )
    policy = Change("delete", "tencentcloud:Cos/bucketPolicy:BucketPolicy", "policy")
    assert plans.text(Plan("refresh", "local", (policy, rules), unchanged=40)) == LOOKED


def test_an_empty_plan_says_why() -> None:
    plan = Plan("up", "local", unchanged=43, reason="all 43 resources are as the program says")
    assert plan.empty
    assert plans.text(plan) == EMPTY


def test_colours_warn_of_what_is_lost() -> None:
    styles = {line.split()[1]: style for line, style in plans.lines(MIXED) if line.startswith("  ")}
    assert (styles["create"], styles["update"], styles["replace"], styles["delete"]) == (
        "green",
        "yellow",
        "red",
        "red",
    )
    assert (styles["gone"], styles["changed"]) == ("red", "yellow"), "what was done by other means"
    lost = [style for line, style in plans.lines(MIXED) if "LOST" in line]
    assert lost == ["bold red", "bold red"]


def test_json_has_the_same_facts() -> None:
    data = json.loads(json.dumps(MIXED.as_json()))
    assert data["counts"] == {"create": 2, "update": 1, "replace": 1, "delete": 2}
    assert data["unchanged"] == 40
    (replaced,) = (c for c in data["changes"] if c["operation"] == "replace")
    assert replaced["properties"] == ["availabilityZone", "rootPassword"]
    assert replaced["differences"][0]["forces"] is True
    assert "every database" in replaced["loses"]
    assert Plan.from_json(data) == MIXED
