"""The nftables text that security groups become."""

from region.firewall import Policy, Rule, ruleset


def test_the_first_match_decides_and_what_matches_nothing_is_dropped() -> None:
    policy = Policy(
        "ins-1",
        ("10.0.1.4",),
        ingress=(Rule(False, ("10.0.9.9",), "TCP", "22"), Rule(True, ("10.0.0.0/16",), "TCP", "22,80-90")),
        egress=(Rule(True),),
    )
    assert ruleset([policy]) == (
        "table inet shopctl\n"
        "delete table inet shopctl\n"
        "table inet shopctl {\n"
        "  chain in-ins-1 {\n"
        "    ip saddr { 10.0.9.9 } tcp dport { 22 } drop\n"
        "    ip saddr { 10.0.0.0/16 } tcp dport { 22, 80-90 } accept\n"
        "    drop\n"
        "  }\n"
        "  chain out-ins-1 {\n"
        "    ip saddr != { 10.0.1.4 } drop\n"
        "    return\n"
        "    drop\n"
        "  }\n"
        "  chain forward {\n"
        "    type filter hook forward priority filter; policy drop;\n"
        "    ct state vmap { established : accept, related : accept, invalid : drop }\n"
        '    iifname "ins-1" jump out-ins-1\n'
        "    ip daddr { 10.0.1.4 } goto in-ins-1\n"
        '    oifname "internet" accept\n'
        "  }\n"
        "}\n"
    )


def test_a_host_without_groups_takes_what_comes() -> None:
    text = ruleset([Policy("dns-1", ("10.0.0.2",), open=True)])
    assert "  chain in-dns-1 {\n    accept\n  }" in text


def test_a_host_with_an_empty_group_takes_nothing() -> None:
    text = ruleset([Policy("ins-1", ("10.0.1.4",))])
    assert "  chain in-ins-1 {\n    drop\n  }" in text


def test_a_rule_for_a_group_without_members_matches_nobody() -> None:
    text = ruleset([Policy("ins-1", ("10.0.1.4",), ingress=(Rule(True, (), "TCP", "22"),))])
    assert "dport" not in text


def test_trusted_peers_come_before_the_groups() -> None:
    policy = Policy(
        "ins-1", ("10.0.1.4",), ingress=(Rule(False),), trusted=(Rule(True, ("10.0.9.1",), "TCP", "80"),)
    )
    lines = ruleset([policy]).splitlines()
    assert lines.index("    ip saddr { 10.0.9.1 } tcp dport { 80 } accept") < lines.index("    drop")


def test_members_of_a_service_reach_each_other_without_any_rule() -> None:
    text = ruleset([Policy("cdb-1", ("10.0.2.4",), members=("10.0.2.4", "10.0.2.5"))])
    assert "  chain in-cdb-1 {\n    ip saddr { 10.0.2.4, 10.0.2.5 } accept\n    drop\n" in text
    assert "    ip daddr { 10.0.2.4, 10.0.2.5 } return\n    drop\n" in text
