"""A balancer's HAProxy configuration, from its listeners, rules, attachments and redirections. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CODES = {1: "1xx", 2: "2xx", 4: "3xx", 8: "4xx", 16: "5xx"}
"""The bits of CLB's `healthCheckHttpCode`."""

ALGORITHMS = {"WRR": "roundrobin", "LEAST_CONN": "leastconn", "IP_HASH": "source"}


@dataclass(frozen=True)
class Target:
    """A backend server."""

    name: str
    address: str
    port: int
    weight: int = 10


@dataclass(frozen=True)
class HealthCheck:
    """Times in seconds; `rise` and `fall` are checks in a row."""

    path: str
    method: str = "HEAD"
    domain: str = ""
    codes: int = 31
    interval: int = 5
    timeout: int = 2
    rise: int = 3
    fall: int = 3


@dataclass(frozen=True)
class Rule:
    """Where requests for `domain` under `url` go: to targets, or (with `redirect_to`) to another listener's port."""

    id: str
    domain: str
    url: str
    scheduler: str = "WRR"
    targets: tuple[Target, ...] = ()
    check: HealthCheck | None = None
    redirect_to: int | None = None


@dataclass(frozen=True)
class Listener:
    """A port. `certificate` is a file of the balancer's with chain and key, for HTTPS."""

    id: str
    protocol: str
    port: int
    rules: tuple[Rule, ...] = ()
    certificate: str | None = None
    scheduler: str = "WRR"
    targets: tuple[Target, ...] = field(default=())


CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
GLOBAL = """\
global
    log stdout format raw local0 notice
    stats socket /run/haproxy/admin.sock mode 600 level admin
    maxconn 4000
    # Mozilla's intermediate profile (https://ssl-config.mozilla.org).
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    ssl-default-bind-ciphers {ciphers}

defaults
    log global
    timeout connect 5s
    timeout client 75s
    timeout server 75s
    timeout http-request 15s
    timeout http-keep-alive 75s
    option redispatch
    retries 2
"""


def configuration(listeners: Iterable[Listener]) -> str:
    """The whole file."""
    text = [GLOBAL.format(ciphers=":".join(CIPHERS))]
    for listener in sorted(listeners, key=lambda listener: listener.port):
        text += _http(listener) if listener.protocol in ("HTTP", "HTTPS") else _tcp(listener)
    return "\n".join(text) + "\n"


def _http(listener: Listener) -> list[str]:
    tls = f" ssl crt {listener.certificate} alpn h2,http/1.1" if listener.protocol == "HTTPS" else ""
    lines = [
        f"frontend {listener.id}",
        "    mode http",
        f"    bind :{listener.port}{tls}",
        "    option forwardfor",
    ]
    lines.append(f"    http-request set-header X-Forwarded-Proto {listener.protocol.lower()}")
    if not listener.rules:
        lines.append("    http-request return status 404")
    # The most specific path decides first, as CLB matches.
    ordered = sorted(listener.rules, key=lambda rule: (rule.domain, -len(rule.url), rule.id))
    for rule in ordered:
        lines += _use(rule, _condition(rule))
    # A CLB listener answers unknown domains by its first rule.
    lines += _use(listener.rules[0], "") if listener.rules else []
    lines.append("")
    for rule in ordered:
        lines += _backend(rule) if rule.redirect_to is None else _redirection(rule, rule.redirect_to)
    return lines


def _condition(rule: Rule) -> str:
    return f" if {{ req.hdr(host),field(1,:) -i {rule.domain} }} {{ path_beg {rule.url} }}"


def _use(rule: Rule, condition: str) -> list[str]:
    return [f"    use_backend {rule.id}{condition}"] if condition else [f"    default_backend {rule.id}"]


def _redirection(rule: Rule, to: int) -> list[str]:
    # A backend too: in the frontend it would be decided before every other rule of the listener.
    target = f"https://%[req.hdr(host),field(1,:)]{'' if to == 443 else f':{to}'}%[pathq]"
    return [
        f"backend {rule.id}",
        "    mode http",
        f"    http-request redirect code 301 location {target}",
        "",
    ]


def _backend(rule: Rule) -> list[str]:
    lines = [f"backend {rule.id}", "    mode http", f"    balance {ALGORITHMS[rule.scheduler]}"]
    check = rule.check
    options = ""
    if check:
        host = check.domain or rule.domain
        accepted = ",".join(f"{code[0]}00-{code[0]}99" for bit, code in CODES.items() if check.codes & bit)
        lines += [
            "    option httpchk",
            f"    http-check send meth {check.method} uri {check.path} ver HTTP/1.1 hdr Host {host}",
            f"    http-check expect status {accepted}",
            f"    timeout check {check.timeout}s",
        ]
        options = f" check inter {check.interval}s fastinter 1s rise {check.rise} fall {check.fall}"
    lines += _servers(rule.targets, options)
    return [*lines, ""]


def _tcp(listener: Listener) -> list[str]:
    lines = [
        f"listen {listener.id}",
        "    mode tcp",
        f"    bind :{listener.port}",
        f"    balance {ALGORITHMS[listener.scheduler]}",
    ]
    return [*lines, *_servers(listener.targets, " check"), ""]


def _servers(targets: Sequence[Target], options: str) -> list[str]:
    # CLB's weights are 0 to 100, HAProxy's 0 to 256: the same numbers serve.
    return [f"    server {t.name} {t.address}:{t.port} weight {t.weight}{options}" for t in targets]


def pem(certificate: Mapping[str, str]) -> str:
    """Chain and key in one text, as HAProxy reads them."""
    return f"{certificate['cert']}\n{certificate['key']}\n"
