"""A balancer's HAProxy configuration, from its listeners, rules, attachments and redirections. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CODES = {1: "1xx", 2: "2xx", 4: "3xx", 8: "4xx", 16: "5xx"}
"""The bits of CLB's `healthCheckHttpCode`."""

ALGORITHMS = {"WRR": "roundrobin", "LEAST_CONN": "leastconn", "IP_HASH": "source"}

IDLE = 75
"""Seconds after which an idle connection of a listener is closed, where it doesn't say."""


@dataclass(frozen=True)
class Target:
    """A backend server."""

    name: str
    address: str
    port: int
    weight: int = 10


@dataclass(frozen=True)
class HealthCheck:
    """Times in seconds; `rise` and `fall` are checks in a row. `kind` HTTP and HTTPS ask, any other just connects.

    A `port` of 0 is the target's own.
    """

    path: str = "/"
    method: str = "HEAD"
    domain: str = ""
    codes: int = 31
    interval: int = 5
    timeout: int = 2
    rise: int = 3
    fall: int = 3
    kind: str = "HTTP"
    port: int = 0


@dataclass(frozen=True)
class Rule:
    """Where requests for `domain` (and `more` domains) under `url` go: to targets, or to another listener's port.

    `session` is how long a visitor keeps the same target, in seconds; 0 lets each request go anywhere. `forward` is the
    protocol to the targets.
    """

    id: str
    domain: str
    url: str
    scheduler: str = "WRR"
    targets: tuple[Target, ...] = ()
    check: HealthCheck | None = None
    redirect_to: int | None = None
    more: tuple[str, ...] = ()
    session: int = 0
    forward: str = "HTTP"


@dataclass(frozen=True)
class Listener:
    """A port. `certificate` is a file of the balancer's with chain and key, for HTTPS and TCP_SSL; `more` are others.

    `clients` is a file with the CA whose clients alone are let in. `idle` is in seconds, `session` as a rule's; both
    and `check` are a TCP listener's. `keepalive` keeps connections to the targets open between requests.
    """

    id: str
    protocol: str
    port: int
    rules: tuple[Rule, ...] = ()
    certificate: str | None = None
    scheduler: str = "WRR"
    targets: tuple[Target, ...] = field(default=())
    more: tuple[str, ...] = ()
    clients: str | None = None
    check: HealthCheck | None = None
    session: int = 0
    idle: int = IDLE
    keepalive: bool = False


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
    ordered = sorted(listeners, key=lambda listener: listener.port)
    for listener in ordered:
        text += _http(listener) if listener.protocol in ("HTTP", "HTTPS") else _tcp(listener)
    if not ordered:
        # HAProxy starts with something to listen to only.
        text += ["frontend none", "    mode http", "    bind 127.0.0.1:1", ""]
    return "\n".join(text) + "\n"


def _bind(listener: Listener, alpn: str) -> str:
    if not listener.certificate and not listener.more:
        return f"    bind :{listener.port}"
    files = [*([listener.certificate] if listener.certificate else []), *listener.more]
    clients = f" ca-file {listener.clients} verify required" if listener.clients else ""
    return f"    bind :{listener.port} ssl {' '.join(f'crt {file}' for file in files)}{clients}{alpn}"


def _http(listener: Listener) -> list[str]:
    lines = [
        f"frontend {listener.id}",
        "    mode http",
        _bind(listener, " alpn h2,http/1.1"),
        "    option forwardfor",
        *([] if listener.keepalive else ["    option http-server-close"]),
    ]
    lines.append(f"    http-request set-header X-Forwarded-Proto {listener.protocol.lower()}")
    if not listener.rules:
        lines.append("    http-request return status 404")
    # The most specific path decides first, as CLB matches.
    ordered = sorted(listener.rules, key=lambda rule: (rule.domain, -len(rule.url), rule.id))
    for rule in ordered:
        lines += uses(rule)
    # A CLB listener answers unknown domains by its first rule.
    lines += [f"    default_backend {listener.rules[0].id}"] if listener.rules else []
    lines.append("")
    for rule in ordered:
        lines += backend(rule)
    return lines


def uses(rule: Rule) -> list[str]:
    """The frontend's lines that send a rule's requests to its backend."""
    return [
        f"    use_backend {rule.id} if {{ req.hdr(host),field(1,:) -i {_pattern(domain)} }} {{ path_beg {rule.url} }}"
        for domain in (rule.domain, *rule.more)
    ]


def _pattern(domain: str) -> str:
    return f"-m end {domain[1:]}" if domain.startswith("*.") else domain


def backend(rule: Rule) -> list[str]:
    """A rule's backend."""
    return _backend(rule) if rule.redirect_to is None else _redirection(rule, rule.redirect_to)


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
    if rule.session:
        # The balancer's own cookie, which the target never sees, as CLB's.
        lines.append(f"    cookie CLBSESSION insert indirect nocache httponly maxlife {rule.session}s")
    lines += _asks(rule.check, rule.domain)
    options = _checked(rule.check) + FORWARDS.get(rule.forward, "")
    return [*lines, *_servers(rule.targets, options, cookies=bool(rule.session)), ""]


FORWARDS = {"HTTPS": " ssl verify none", "GRPC": " proto h2", "GRPCS": " ssl verify none alpn h2"}
"""What a server's line says for a rule's `forwardType`; CLB doesn't verify its targets' certificates either."""


def _asks(check: HealthCheck | None, domain: str) -> list[str]:
    if check is None:
        return []
    asks = [f"    timeout check {check.timeout}s"]
    if check.kind not in ("HTTP", "HTTPS"):
        return asks
    accepted = ",".join(f"{code[0]}00-{code[0]}99" for bit, code in CODES.items() if check.codes & bit)
    host = check.domain or domain
    return [
        "    option httpchk",
        f"    http-check send meth {check.method} uri {check.path} ver HTTP/1.1 hdr Host {host}",
        f"    http-check expect status {accepted}",
        *asks,
    ]


def _checked(check: HealthCheck | None) -> str:
    if check is None:
        return ""
    port = f" port {check.port}" if check.port else ""
    tls = " check-ssl verify none" if check.kind == "HTTPS" else ""
    return f" check inter {check.interval}s fastinter 1s rise {check.rise} fall {check.fall}{port}{tls}"


def _tcp(listener: Listener) -> list[str]:
    lines = [
        f"listen {listener.id}",
        "    mode tcp",
        _bind(listener, ""),
        f"    balance {ALGORITHMS[listener.scheduler]}",
    ]
    if listener.idle != IDLE:
        lines += [f"    timeout client {listener.idle}s", f"    timeout server {listener.idle}s"]
    if listener.session:
        lines += [f"    stick-table type ip size 100k expire {listener.session}s", "    stick on src"]
    lines += _asks(listener.check, "localhost")
    return [*lines, *_servers(listener.targets, _checked(listener.check)), ""]


def _servers(targets: Sequence[Target], options: str, *, cookies: bool = False) -> list[str]:
    # CLB's weights are 0 to 100, HAProxy's 0 to 256: the same numbers serve.
    return [
        f"    server {t.name} {t.address}:{t.port} weight {t.weight}{f' cookie {t.name}' if cookies else ''}{options}"
        for t in targets
    ]


def pem(certificate: Mapping[str, str]) -> str:
    """Chain and key in one text, as HAProxy reads them."""
    return f"{certificate['cert']}\n{certificate.get('key') or ''}\n"
