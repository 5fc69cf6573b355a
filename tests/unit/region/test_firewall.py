"""The nftables text that security groups become."""

from region.firewall import Policy, Rule, Way, incoming, ruleset


def test_the_first_match_decides_and_what_matches_nothing_is_dropped() -> None:
    policy = Policy(
        "ins-1",
        ("10.0.1.4",),
        ingress=(
            Rule(False, ("10.0.9.9",), "TCP", "22", "sg-1/ingress/0"),
            Rule(True, ("10.0.0.0/16",), "TCP", "22,80-90", "sg-1/ingress/1"),
        ),
        egress=(Rule(True, label="sg-1/egress/0"),),
    )
    assert ruleset([policy], services=["10.0.240.2"]) == (
        "table inet shopctl\n"
        "delete table inet shopctl\n"
        "table inet shopctl {\n"
        "  chain in-ins-1 {\n"
        '    ip saddr { 10.0.9.9 } tcp dport { 22 } drop comment "sg-1/ingress/0"\n'
        '    ip saddr { 10.0.0.0/16 } tcp dport { 22, 80-90 } accept comment "sg-1/ingress/1"\n'
        '    drop comment "shopctl/last"\n'
        "  }\n"
        "  chain out-ins-1 {\n"
        '    ip saddr != { 10.0.1.4 } drop comment "shopctl/sender"\n'
        '    return comment "sg-1/egress/0"\n'
        '    drop comment "shopctl/last"\n'
        "  }\n"
        "  chain forward {\n"
        "    type filter hook forward priority filter; policy drop;\n"
        "    ct state vmap { established : accept, related : accept, invalid : drop }"
        ' comment "shopctl/state"\n'
        '    iifname "ins-1" jump out-ins-1 comment "shopctl/out/ins-1"\n'
        '    ip daddr { 10.0.1.4 } goto in-ins-1 comment "shopctl/in/ins-1"\n'
        '    oifname "internet" ip daddr { 10.0.240.2 } accept comment "shopctl/services"\n'
        '    oifname "internet" reject with icmp type net-unreachable comment "shopctl/outside"\n'
        "  }\n"
        "}\n"
    )


def test_a_way_out_is_for_its_subnets_alone_and_with_the_gateways_address() -> None:
    way = Way("rti-1", ("10.0.21.0/24",), "0.0.0.0/0", "10.0.240.40")
    lines = [line.strip() for line in ruleset([], [way]).splitlines()]
    leaving = 'oifname "internet" ip saddr { 10.0.21.0/24 }'
    assert lines.index(f'{leaving} accept comment "rti-1"') < lines.index(
        'oifname "internet" reject with icmp type net-unreachable comment "shopctl/outside"'
    )
    assert f'{leaving} snat ip to 10.0.240.40 comment "rti-1"' in lines


def test_a_host_without_groups_takes_what_comes() -> None:
    text = ruleset([Policy("dns-1", ("10.0.0.2",), open=True)])
    assert '  chain in-dns-1 {\n    accept comment "shopctl/last"\n  }' in text


def test_a_host_with_an_empty_group_takes_nothing() -> None:
    text = ruleset([Policy("ins-1", ("10.0.1.4",))])
    assert '  chain in-ins-1 {\n    drop comment "shopctl/last"\n  }' in text


def test_a_rule_for_a_group_without_members_matches_nobody() -> None:
    text = ruleset([Policy("ins-1", ("10.0.1.4",), ingress=(Rule(True, (), "TCP", "22"),))])
    assert "dport" not in text


def test_trusted_peers_come_before_the_groups() -> None:
    policy = Policy(
        "ins-1", ("10.0.1.4",), ingress=(Rule(False),), trusted=(Rule(True, ("10.0.9.1",), "TCP", "80"),)
    )
    assert [rule.accept for rule in incoming(policy)] == [True, False, False]


def test_members_of_a_service_reach_each_other_without_any_rule() -> None:
    text = ruleset([Policy("cdb-1", ("10.0.2.4",), members=("10.0.2.4", "10.0.2.5"))])
    members = 'comment "shopctl/members"\n    drop comment "shopctl/last"\n'
    assert f"  chain in-cdb-1 {{\n    ip saddr {{ 10.0.2.4, 10.0.2.5 }} accept {members}" in text
    assert f"    ip daddr {{ 10.0.2.4, 10.0.2.5 }} return {members}" in text
