"""Which subnets have a way out, and what the public names lead to."""

import pytest
import yaml

from infra.components.public_dns import host_record
from tests.unit.infra.recorder import REPOSITORY, Recording, record, record_settings


def test_each_role_has_a_route_table_of_its_own(stack: Recording) -> None:
    tables = {subnet.name: subnet.inputs["routeTableId"] for subnet in stack.of("Subnet/instance")}
    assert tables == {
        f"network-{role}-{place}": f"id-network-{role}-routes"
        for role in ("web", "data", "ops")
        for place in ("a", "b")
    }


def test_nobody_has_a_way_out_by_default() -> None:
    network = yaml.safe_load((REPOSITORY / "infra/Pulumi.local.yaml").read_text())["config"]["shop:network"]
    closed = record("local", {"network": {key: value for key, value in network.items() if key != "nat"}})
    assert closed.of("Route/tableEntry") == closed.of("Nat/gateway") == closed.of("Eip/instance") == []


def test_with_nat_web_and_ops_have_one_and_data_has_none(stack: Recording) -> None:
    (gateway,) = stack.of("Nat/gateway")
    entries = stack.of("Route/tableEntry")
    tables = {entry.inputs["routeTableId"] for entry in entries}
    assert tables == {"id-network-web-routes", "id-network-ops-routes"}
    for entry in entries:
        assert (entry.inputs["nextType"], entry.inputs["nextHub"]) == ("NAT", "id-network-nat")
        assert entry.inputs["destinationCidrBlock"] == "0.0.0.0/0"
    assert [address.startswith("10.99.0.") for address in gateway.inputs["assignedEipSets"]] == [True]


def test_the_shops_domain_is_its_balancer_and_the_cdns_an_alias(stack: Recording) -> None:
    records = {found.inputs["recordType"]: found.inputs for found in stack.of("Dnspod/record")}
    zone, outputs = stack.named("public-dns-zone").inputs["domain"], stack.outputs
    assert records["A"]["value"] == outputs["loadBalancer"]["vip"]
    assert records["CNAME"]["value"] == f"{outputs['cdn']['cname']}."
    names = {kind: (found["subDomain"], found["domain"]) for kind, found in records.items()}
    assert names["A"] == (host_record(outputs["domain"], zone), zone)
    assert names["CNAME"] == (host_record(outputs["cdnDomain"], zone), zone)


def test_without_a_public_zone_the_operators_own_dns_answers() -> None:
    text = (REPOSITORY / "infra" / "Pulumi.local.yaml").read_text()
    config = yaml.safe_load(text)["config"]
    del config["shop:public_zone"]
    assert record_settings("local", config).of("Dnspod/record") == []


@pytest.mark.parametrize(
    ("domain", "expected"), [("shop.test", "@"), ("cdn.shop.test", "cdn"), ("a.cdn.shop.test", "a.cdn")]
)
def test_what_a_domain_is_called_in_its_zone(domain: str, expected: str) -> None:
    assert host_record(domain, "shop.test") == expected
