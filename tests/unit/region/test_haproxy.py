"""The HAProxy configuration that a balancer's listeners and rules become."""

from region.haproxy import HealthCheck, Listener, Rule, Target, configuration

TARGETS = (Target("ins-1", "10.0.1.4", 80, 10), Target("ins-2", "10.0.2.4", 80, 0))
CHECK = HealthCheck("/healthz", "GET", "shop.test", codes=2, interval=5, timeout=2, rise=2, fall=3)


def https(*rules: Rule) -> Listener:
    return Listener("lbl-2", "HTTPS", 443, rules, "/etc/haproxy/certificates/cert-1.pem")


def test_a_rule_becomes_a_backend_with_its_weights_and_its_check() -> None:
    text = configuration([https(Rule("loc-1", "shop.test", "/", "WRR", TARGETS, CHECK))])
    assert "    bind :443 ssl crt /etc/haproxy/certificates/cert-1.pem alpn h2,http/1.1\n" in text
    assert (
        "backend loc-1\n    mode http\n    balance roundrobin\n    option httpchk\n"
        "    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host shop.test\n"
        "    http-check expect status 200-299\n    timeout check 2s\n"
        "    server ins-1 10.0.1.4:80 weight 10 check inter 5s fastinter 1s rise 2 fall 3\n"
        "    server ins-2 10.0.2.4:80 weight 0 check inter 5s fastinter 1s rise 2 fall 3\n"
    ) in text


def test_the_longest_path_of_a_domain_decides() -> None:
    text = configuration([https(Rule("loc-a", "shop.test", "/"), Rule("loc-b", "shop.test", "/api"))])
    assert text.index("use_backend loc-b") < text.index("use_backend loc-a")


def test_an_unknown_domain_is_answered_by_the_first_rule() -> None:
    assert "    default_backend loc-a\n" in configuration([https(Rule("loc-a", "shop.test", "/"))])


def test_a_redirected_rule_keeps_host_and_path() -> None:
    plain = Listener("lbl-1", "HTTP", 80, (Rule("loc-1", "shop.test", "/", redirect_to=443),))
    text = configuration([plain])
    assert "http-request redirect code 301 location https://%[req.hdr(host),field(1,:)]%[pathq]" in text
    assert "    server " not in text


def test_a_listener_without_rules_answers_404() -> None:
    assert "    http-request return status 404\n" in configuration([Listener("lbl-1", "HTTP", 80)])
