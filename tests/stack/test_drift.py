"""Whatever is changed behind the engine's back: `refresh --dry-run` names it, and the next `up` brings it back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from region import storage
from region.hosts import HostControl, all_hosts
from region.region import Region
from region.services import registry, registry_config
from shopctl.environment import Environment
from tests.stack.conftest import ENVIRONMENT, Stack, shopctl
from tests.stack.test_firewall import balancer_name, connects, control

Check = Callable[[Stack], bool]


@dataclass(frozen=True)
class Drift:
    """Something done by hand: the resource that has it, how it is done, and how one sees that it is mended."""

    resource: str
    do: Callable[[Stack], None]
    mended: Check


def region() -> Region:
    settings = Environment.load(ENVIRONMENT).region
    assert settings is not None
    return Region(settings)


def of_kind(kind: str, suffix: str = "") -> HostControl:
    """The host of that kind; with several, the one whose id ends so."""
    host = min(
        (host for host in all_hosts(ENVIRONMENT) if host.kind == kind and host.id.endswith(suffix)),
        key=lambda host: len(host.id),
    )
    return control(host.name)


def sql(statement: str) -> str:
    primary = next(h for h in all_hosts(ENVIRONMENT) if h.kind == "mysql" and len(h.addresses) > 1)
    return control(primary.name).run(["mariadb", "--skip-column-names", "--batch"], stdin=statement)


def router_nft(*words: str) -> str:
    from region.process import run

    vpc = next(host.router for host in all_hosts(ENVIRONMENT) if host.name == "web-1")
    return run(["ip", "netns", "exec", region().network.namespace(vpc), "nft", *words])


def has_grant(stack: Stack) -> bool:
    return "DELETE" in sql("SHOW GRANTS FOR 'migrator'@'%';")


def revoke(stack: Stack) -> None:
    sql("REVOKE DELETE ON `shop`.* FROM 'migrator'@'%';")


def flush_rules(stack: Stack) -> None:
    web = next(host.id for host in all_hosts(ENVIRONMENT) if host.name == "web-1")
    router_nft("flush", "chain", "inet", "shopctl", f"in-{web}")


def remove_host(stack: Stack) -> None:
    control("web-2").delete()


def stop_host(stack: Stack) -> None:
    control("ops-1").stop()


def runs(name: str) -> bool:
    return any(host.name == name and control(name).leader() for host in all_hosts(ENVIRONMENT))


def bucket_of(stack: Stack, name: str) -> str:
    return str(stack.outputs["storage"]["buckets"][name])


def without_policy(stack: Stack) -> None:
    storage.client(region()).delete_bucket_policy(Bucket=bucket_of(stack, "media"))


def has_policy(stack: Stack) -> bool:
    try:
        answer = storage.client(region()).get_bucket_policy(Bucket=bucket_of(stack, "media"))
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return False
    return "s3:GetObject" in answer["Policy"]


def suspend_versions(stack: Stack) -> None:
    name = bucket_of(stack, "media")
    storage.client(region()).put_bucket_versioning(
        Bucket=name, VersioningConfiguration={"Status": "Suspended"}
    )


def has_versions(stack: Stack) -> bool:
    answer = storage.client(region()).get_bucket_versioning(Bucket=bucket_of(stack, "media"))
    return answer.get("Status") == "Enabled"


def forget_name(stack: Stack) -> None:
    host = of_kind("resolver")
    host.run(["sed", "-i", "/=redis\\./d", "/etc/dnsmasq.d/records.conf"])
    host.run(["systemctl", "restart", "dnsmasq"])


def knows_name(stack: Stack) -> bool:
    name = stack.outputs["redis"]["host"]
    return bool(control("web-1").run(["bash", "-c", 'getent ahostsv4 "$0" || true', name]))


def drop_server(stack: Stack) -> None:
    host = control(balancer_name())
    host.run(["sed", "-i", "0,/^    server /{/^    server /d}", "/etc/haproxy/haproxy.cfg"])
    host.run(["systemctl", "reload", "haproxy"])


def servers(stack: Stack) -> bool:
    text = control(balancer_name()).run(["cat", "/etc/haproxy/haproxy.cfg"])
    return text.count("\n    server ") == 2


def forget_token(stack: Stack) -> None:
    registry.lay(of_kind(registry.KIND), registry_config.USERS, "")


def knows_token(stack: Stack) -> bool:
    known = registry_config.found_users(registry.text_of(of_kind(registry.KIND), registry_config.USERS))
    token = stack.outputs["registry"]
    return registry_config.opens(known.get(token["user"], ""), token["password"])


DRIFTS = {
    "a host is stopped": Drift("compute-ops-1", stop_host, lambda _: runs("ops-1")),
    "a host is gone": Drift("compute-web-2", remove_host, lambda _: runs("web-2")),
    "a firewall's chain is flushed": Drift(
        "firewall-web-rules", flush_rules, lambda stack: connects("ops-1", stack.address_of("web-1"), 22)
    ),
    "an account is dropped": Drift(
        "mysql-account-monitor",
        lambda _: print(sql("DROP USER 'monitor'@'%';")),
        lambda _: "1" in sql("SELECT COUNT(*) FROM mysql.user WHERE User = 'monitor';"),
    ),
    "a privilege is dropped": Drift("mysql-privilege-migrator", revoke, has_grant),
    "a parameter is changed by hand": Drift(
        "mysql-primary",
        lambda _: print(sql("SET GLOBAL long_query_time = 7;")),
        lambda _: sql("SELECT @@GLOBAL.long_query_time;").startswith("1.0"),
    ),
    "a bucket's policy is gone": Drift("storage-media-policy", without_policy, has_policy),
    "a bucket's versioning is suspended": Drift("storage-media", suspend_versions, has_versions),
    "a record is missing": Drift("dns-redis", forget_name, knows_name),
    "a balancer's backend is removed": Drift("balancer-targets", drop_server, servers),
    "the registry is stopped": Drift(
        "registry-instance",
        lambda _: print(of_kind(registry.KIND).run(["systemctl", "stop", registry.UNIT])),
        lambda _: registry.serves(of_kind(registry.KIND)),
    ),
    "the registry's token is dropped": Drift("registry-token", forget_token, knows_token),
}


@dataclass(frozen=True)
class Story:
    """What was said before the repair, by whom it was repaired, and what was left to say afterwards."""

    before: dict[str, dict[str, Any]]
    repaired: dict[str, Any]
    after: dict[str, Any]


@pytest.fixture(scope="module")
def story(stack: Stack) -> Story:
    """Everything drifts at once; then one look, one `up`, and another look."""
    for drift in DRIFTS.values():
        drift.do(stack)
    seen = json.loads(shopctl("refresh", "--dry-run", "--json"))
    assert not any(drift.mended(stack) for drift in DRIFTS.values()), "a dry run mended something"
    repaired = json.loads(shopctl("up", "--yes", "--json"))
    after = json.loads(shopctl("refresh", "--dry-run", "--json"))
    return Story({change["name"]: change for change in seen["changes"]}, repaired, after)


@pytest.mark.parametrize("what", DRIFTS)
def test_refresh_names_it_and_up_repairs_it(stack: Stack, story: Story, what: str) -> None:
    drift = DRIFTS[what]
    assert drift.resource in story.before, sorted(story.before)
    assert drift.mended(stack)


def test_nothing_that_was_left_alone_is_named(story: Story) -> None:
    # What hangs on something that is gone shows too: an account's privileges, rules that let a host in.
    hanging = {"mysql-privilege-monitor", "firewall-data-rules"}
    own = {drift.resource for drift in DRIFTS.values()}
    assert set(story.before) <= own | hanging


def test_after_the_repair_there_is_nothing_to_say(story: Story) -> None:
    assert story.after["changes"] == []
