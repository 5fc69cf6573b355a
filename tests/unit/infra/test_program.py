"""What the program registers, whatever the region."""

from pathlib import Path
from typing import Any

import pytest

from infra.outputs import StackOutputs
from infra.stackfile import SECRET_NAMES
from region.schema import check, fields
from tests.unit.infra.recorder import Recording, Registered, record

GOLDEN = Path(__file__).parent / "golden"
DATA_HOLDERS = {
    "mysql-primary",
    "mysql-database",
    "redis-instance",
    "mongodb-instance",
    "queue-cluster",
    "storage-media",
    "storage-static",
    "storage-backups",
    "disk-storage",
    "registry-instance",
}


@pytest.mark.parametrize("environment", ["local", "test", "staging", "production"])
def test_the_resources_of_an_environment_are_the_golden_ones(environment: str) -> None:
    registered = sorted(f"{resource.noun} {resource.name}" for resource in record(environment).custom)
    assert registered == (GOLDEN / f"resources.{environment}.txt").read_text().splitlines()


def test_the_provider_accepts_every_input(stack: Recording) -> None:
    refused = {resource.name: check(resource.type, resource.inputs) for resource in stack.custom}
    assert {name: failures for name, failures in refused.items() if failures} == {}


def test_children_are_named_after_their_component(stack: Recording) -> None:
    strays = [r.name for r in stack.custom if not r.parent or not r.name.startswith(f"{r.parent}-")]
    assert strays == []


def test_every_secret_input_is_registered_as_a_secret(stack: Recording) -> None:
    plain = [
        f"{resource.name}.{name}"
        for resource in stack.custom
        for name, field in fields(resource.type).items()
        if field.get("secret") and name in resource.inputs and name not in resource.secret_inputs
    ]
    assert plain == []


def test_no_secret_reaches_an_input_that_is_not_secret(stack: Recording) -> None:
    leaks = [
        f"{resource.name}.{name}"
        for resource in stack.custom
        for name, value in resource.inputs.items()
        if name not in resource.secret_inputs
        and any(f"secret-{secret}" in str(value) for secret in SECRET_NAMES)
    ]
    assert leaks == []


def test_the_key_that_the_cloud_makes_is_kept_as_a_secret(stack: Recording) -> None:
    keys = stack.of("Cam/accessKey")
    assert keys
    assert all("secretAccessKey" in key.secret_outputs for key in keys)
    assert "storage" in stack.secret_outputs


def test_the_registrys_token_is_kept_as_a_secret_and_told_as_one(stack: Recording) -> None:
    assert stack.named("registry-token").secret_outputs == {"token"}
    # In the state, where one field's being secret makes the whole output so.
    assert "registry" in stack.secret_outputs
    told = StackOutputs.parse(stack.outputs).registry
    assert told is not None
    assert told.password.get_secret_value() == "made-for-registry-token"
    assert f"{told.host}/{told.repository}".endswith(".tencentcloudcr.com/shop/shop")


def test_the_registry_lets_in_the_stacks_hosts_and_who_pushes(local: Recording) -> None:
    (gateway,) = local.of("Nat/gateway")
    registry = local.named("registry-instance").inputs
    assert registry["openPublicOperation"] is True
    sources = [policy["cidrBlock"] for policy in registry["securityPolicies"]]
    assert sources == [f"{gateway.inputs['assignedEipSets'][0]}/32", "10.77.255.1/32"]
    assert local.named("registry-namespace").inputs["isPublic"] is False


def test_production_and_staging_guard_what_holds_data(stack: Recording) -> None:
    guarded = {resource.name for resource in stack.custom if resource.protect}
    expected = DATA_HOLDERS if stack.outputs["environment"] in ("staging", "production") else set()
    assert guarded == expected


def test_only_a_stack_without_protection_deletes_the_objects_with_the_bucket(stack: Recording) -> None:
    assert all(bucket.inputs["forceClean"] is not bucket.protect for bucket in stack.of("Cos/bucket"))


def test_web_hosts_alternate_between_the_zones(production: Recording) -> None:
    zones = {h["name"]: h["zone"] for h in production.outputs["hosts"] if h["role"] == "web"}
    assert zones == {
        "web-1": "ap-guangzhou-6",
        "web-2": "ap-guangzhou-7",
        "web-3": "ap-guangzhou-6",
        "web-4": "ap-guangzhou-7",
    }


def test_a_host_stands_in_a_subnet_of_its_zone(stack: Recording) -> None:
    subnets = {f"id-{subnet.name}": subnet for subnet in stack.of("Subnet/instance")}
    for host in stack.of("Instance/instance"):
        assert subnets[host.inputs["subnetId"]].inputs["availabilityZone"] == host.inputs["availabilityZone"]


def test_web_hosts_are_spread_over_machines_and_every_host_is_to_run(stack: Recording) -> None:
    hosts = stack.of("Instance/instance")
    assert {host.inputs["runningFlag"] for host in hosts} == {True}
    grouped = {host.inputs["hostname"] for host in hosts if "placementGroupId" in host.inputs}
    assert grouped == {
        host.inputs["hostname"] for host in hosts if host.inputs["hostname"].startswith("web-")
    }


def test_the_ops_hosts_disk_is_in_its_zone_and_has_snapshots_each_night(stack: Recording) -> None:
    (disk,) = stack.of("Cbs/storage")
    ops = stack.named("compute-ops-1")
    assert disk.inputs["availabilityZone"] == ops.inputs["availabilityZone"]
    assert stack.named("disk-attachment").inputs["instanceId"] == "id-compute-ops-1"
    policy = stack.named("disk-policy").inputs
    assert policy["repeatWeekdays"] == [*range(7)]
    assert stack.named("disk-policed").inputs["storageId"] == "id-disk-storage"


def test_no_host_has_a_public_address(stack: Recording) -> None:
    assert {host.inputs["allocatePublicIp"] for host in stack.of("Instance/instance")} == {False}


def test_more_web_hosts_join_the_balancer_and_dns() -> None:
    stack = record("local", {"web": {"count": 5, "type": "S5.MEDIUM2", "image": "img-host"}})
    targets = stack.named("balancer-targets").inputs["targets"]
    assert {t["instanceId"] for t in targets} == {f"id-compute-web-{number}" for number in range(1, 6)}
    assert {f"dns-web-{number}" for number in range(1, 6)} <= {r.name for r in stack.custom}


def test_the_standby_is_in_another_zone_and_semi_synchronous(stack: Recording) -> None:
    primary = stack.named("mysql-primary").inputs
    assert primary["firstSlaveZone"] != primary["availabilityZone"]
    assert (primary["slaveDeployMode"], primary["slaveSyncMode"]) == (1, 1)
    assert stack.named("mysql-replica").inputs["zone"] == primary["firstSlaveZone"]


def test_without_a_replica_there_is_neither_instance_nor_name_nor_output() -> None:
    mysql = {
        "memory_mb": 1000,
        "volume_gb": 25,
        "version": "8.0",
        "standby_zone": "ap-guangzhou-4",
        "replica": False,
    }
    stack = record("local", {"mysql": mysql})
    assert stack.of("Mysql/readonlyInstance") == []
    assert "dns-mysql-ro" not in {resource.name for resource in stack.custom}
    assert StackOutputs.parse(stack.outputs).mysql.replica is None


def test_each_account_of_the_database_has_the_least_that_it_needs(stack: Recording) -> None:
    rights = {
        right.inputs["accountName"]: {
            *right.inputs["globals"],
            *(word for entry in right.inputs.get("databases", ()) for word in entry["privileges"]),
        }
        for right in stack.of("Mysql/privilege")
    }
    # The shop's own accounts come without any: a deploy grants them rights on single tables.
    assert set(rights) == {"migrator", "monitor", "backup"}
    assert rights["monitor"] == {"PROCESS", "REPLICATION CLIENT"}
    assert {"CREATE", "ALTER", "DROP", "INDEX"} <= rights["migrator"]
    assert not {"INSERT", "UPDATE", "DELETE", "DROP"} & rights["backup"]
    everywhere = {r.inputs["accountName"]: r.inputs["globals"] for r in stack.of("Mysql/privilege")}
    assert everywhere["migrator"] == []
    accounts = {account.inputs["name"]: account.inputs["password"] for account in stack.of("Mysql/account")}
    groups = ("catalogue", "trade", "user", "service", "admin", "worker")
    assert set(accounts) == {"migrator", "monitor", "backup", *(f"shop_{group}" for group in groups)}
    assert len(set(accounts.values())) == len(accounts)
    assert all(account.inputs["maxUserConnections"] > 0 for account in stack.of("Mysql/account"))


def test_the_shop_is_not_the_administrator_of_mongodb_nor_of_the_queue(stack: Recording) -> None:
    account = stack.named("mongodb-account").inputs
    assert (
        account["password"]
        != account["mongoUserPassword"]
        == stack.named("mongodb-instance").inputs["password"]
    )
    assert "tags" not in stack.named("queue-user").inputs
    assert stack.named("queue-monitor").inputs["tags"] == ["monitoring"]
    assert [right.inputs["user"] for right in stack.of("Tdmq/rabbitmqUserPermission")] == ["shop"]


def test_plain_http_is_redirected_to_the_rule_that_has_the_targets(stack: Recording) -> None:
    redirection = stack.named("balancer-redirection").inputs
    assert redirection["sourceRuleId"] == "loc-balancer-http-rule"
    assert redirection["targetRuleId"] == stack.named("balancer-targets").inputs["ruleId"]


def test_the_certificate_has_no_newline_at_either_end(stack: Recording) -> None:
    certificate = stack.named("certificate-server").inputs
    assert certificate["cert"] == certificate["cert"].strip()
    assert certificate["key"] == certificate["key"].strip()


def test_every_host_and_service_has_a_name_in_the_vpc(stack: Recording) -> None:
    names = {
        record.inputs["subDomain"]: record.inputs["recordValue"] for record in stack.of("PrivateDns/record")
    }
    outputs = StackOutputs.parse(stack.outputs)
    assert set(names) >= {"mysql", "mysql-ro", "redis", "mongodb", "rabbitmq"}
    assert {host.name: host.address for host in outputs.hosts}.items() <= names.items()
    assert names["mysql"] == outputs.mysql.address


def test_a_cluster_of_three_spans_two_zones(local: Recording, production: Recording) -> None:
    assert local.named("queue-cluster").inputs["zoneIds"] == [100003]
    assert production.named("queue-cluster").inputs["zoneIds"] == [100006, 100007]


def test_redis_replicas_stand_in_the_other_zone(local: Recording, production: Recording) -> None:
    assert production.named("redis-instance").inputs["replicaZoneIds"] == [100007, 100007]
    assert "redisReplicasNum" not in local.named("redis-instance").inputs


def test_the_cdn_never_caches_the_api(stack: Recording) -> None:
    # The last rule that matches a path wins.
    last = stack.named("cdn-domain").inputs["ruleCaches"][-1]
    assert (last["rulePaths"], last["noCacheSwitch"], last["switch"]) == (["/api"], "on", "off")


def test_what_the_provider_computes_is_not_given(stack: Recording) -> None:
    given = [
        rule for sets in stack.of("Security/groupRuleSet") for rule in _rules(sets) if "policyIndex" in rule
    ]
    assert given == []


def _rules(resource: Registered) -> list[dict[str, Any]]:
    return [*resource.inputs["ingresses"], *resource.inputs["egresses"]]
