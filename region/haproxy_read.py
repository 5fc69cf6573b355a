"""What a HAProxy configuration says, told back in a balancer's terms; the inverse of `region.haproxy`. Pure.

Reading takes what is there by hand too: a server taken out of the file, another weight, another check.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from region.haproxy import ALGORITHMS, CODES, FORWARDS, HealthCheck, Target

Sections = Mapping[str, tuple[str, ...]]
"""The lines of each frontend, backend and listen section, by its name with its kind (`backend loc-1`)."""

_HEAD = re.compile(r"(frontend|backend|listen|global|defaults)\b\s*(\S*)")
_SCHEDULERS = {algorithm: scheduler for scheduler, algorithm in ALGORITHMS.items()}


@dataclass(frozen=True)
class Pool:
    """What a rule's backend or a TCP listener does with requests; fields as in `haproxy.Rule`."""

    scheduler: str = "WRR"
    session: int = 0
    check: HealthCheck | None = None
    forward: str = "HTTP"
    targets: tuple[Target, ...] = ()
    redirect: str = ""


def sections(text: str) -> dict[str, tuple[str, ...]]:
    """A configuration taken apart; comments and empty lines are left out."""
    found: dict[str, list[str]] = {}
    here: list[str] = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if head := _HEAD.fullmatch(" ".join(words[:2])):
            here = found.setdefault(f"{head[1]} {head[2]}".strip(), [])
        else:
            here.append(" ".join(words))
    return {name: tuple(lines) for name, lines in found.items()}


def pool(lines: Sequence[str]) -> Pool:
    """A backend or a listen section in a balancer's terms."""
    scheduler = next(
        (_SCHEDULERS.get(line[8:], line[8:]) for line in lines if line.startswith("balance ")), ""
    )
    servers = [line.split() for line in lines if line.startswith("server ")]
    options = [" ".join(words[3:]) for words in servers]
    redirect = next((line for line in lines if line.startswith("http-request redirect ")), "")
    return Pool(
        scheduler, _session(lines), _check(lines, options), _forward(options), targets(lines), redirect
    )


def targets(lines: Sequence[str]) -> tuple[Target, ...]:
    """The servers of a section."""
    found: list[Target] = []
    for words in (line.split() for line in lines if line.startswith("server ")):
        address, _, port = words[2].rpartition(":")
        weight = int(words[words.index("weight") + 1]) if "weight" in words else 1
        # HAProxy's own word for a server that is configured and takes no requests.
        found.append(Target(words[1], address, int(port or 0), 0 if "disabled" in words else weight))
    return tuple(found)


def _session(lines: Sequence[str]) -> int:
    for line in lines:
        if found := re.search(r"^cookie .*maxlife (\d+)s|^stick-table .*expire (\d+)s", line):
            return int(found[1] or found[2])
    return 0


def _forward(options: Sequence[str]) -> str:
    plain = [option.replace(" check-ssl verify none", "") for option in options]
    for protocol, words in sorted(FORWARDS.items(), key=lambda item: -len(item[1])):
        if plain and all(f" {option}".endswith(words) for option in plain):
            return protocol
    return "HTTP"


def _check(lines: Sequence[str], options: Sequence[str]) -> HealthCheck | None:
    """The health check. A section without servers tells of one by its lines alone."""
    text = "\n".join(lines)
    timeout = re.search(r"^timeout check (\d+)s$", text, re.M)
    checked = [option for option in options if " check " in f" {option} "]
    if timeout is None or (options and not checked):
        return None
    numbers: dict[str, int] = {}
    for name in ("inter", "rise", "fall", "port"):
        if checked and (found := re.search(rf"\b{name} (\d+)", checked[0])):
            numbers[name] = int(found[1])
    base = HealthCheck(
        timeout=int(timeout[1]),
        interval=numbers.get("inter", 0),
        rise=numbers.get("rise", 0),
        fall=numbers.get("fall", 0),
        port=numbers.get("port", 0),
    )
    asks = re.search(r"^http-check send meth (\S+) uri (\S+) ver \S+ hdr Host (\S+)$", text, re.M)
    if "option httpchk" not in lines or asks is None:
        return replace(base, kind="TCP")
    expected = re.search(r"^http-check expect status (\S+)$", text, re.M)
    codes = sum(bit for bit, code in CODES.items() if expected and f"{code[0]}00-" in expected[1])
    kind = "HTTPS" if checked and "check-ssl" in checked[0] else "HTTP"
    return replace(base, path=asks[2], method=asks[1], domain=asks[3], codes=codes, kind=kind)


def routed(frontend: Sequence[str], rule_id: str) -> tuple[tuple[str, ...], str] | None:
    """The domains and the path that a frontend sends to a rule, or None when it sends nothing there."""
    pattern = re.compile(
        rf"use_backend {re.escape(rule_id)} if "
        r"\{ req\.hdr\(host\),field\(1,:\) -i (-m end )?(\S+) \} \{ path_beg (\S+) \}"
    )
    found = [match for line in frontend if (match := pattern.fullmatch(line))]
    if not found:
        return None
    return tuple(f"*{match[2]}" if match[1] else match[2] for match in found), found[0][3]


@dataclass(frozen=True)
class Running:
    """What HAProxy does just now: its open frontends, all its proxies, and its servers by backend and name."""

    open: frozenset[str]
    proxies: frozenset[str]
    servers: Mapping[str, Mapping[str, Target]]


_FORCED_OUT = 0x01 | 0x08
"""`set server ... state maint` and `drain` (HAProxy's management guide, `show servers state`)."""


def running(answer: str) -> Running:
    """From the answer to `show stat -1 3 -1;show servers state` on the admin socket."""
    stat, _, state = answer.partition("\n\n")
    rows = [line.split(",") for line in stat.splitlines() if line and not line.startswith("#")]
    status = stat.splitlines()[0].lstrip("# ").split(",").index("status") if rows else 0
    opened = {row[0] for row in rows if row[1] == "FRONTEND" and row[status] == "OPEN"}
    lines = state.splitlines()
    names = next((line.lstrip("# ").split() for line in lines if line.startswith("# ")), [])
    servers: dict[str, dict[str, Target]] = {}
    for words in (line.split() for line in lines if line and not line.startswith("#")):
        # The first line is the format's version.
        if len(words) < len(names) or len(words) < 2:
            continue
        row = dict(zip(names, words, strict=False))
        weight = 0 if int(row["srv_admin_state"]) & _FORCED_OUT else int(row["srv_uweight"])
        servers.setdefault(row["be_name"], {})[row["srv_name"]] = Target(
            row["srv_name"], row["srv_addr"], int(row["srv_port"]), weight
        )
    return Running(frozenset(opened), frozenset(row[0] for row in rows), servers)


def commands(wanted: Mapping[str, Sequence[Target]], now: Running) -> list[str] | None:
    """What to say on the admin socket so that every server has its weight; None when that would not be enough.

    `wanted` is the targets of each backend. A weight that is set there takes effect at once, on the connections that
    are open as well.
    """
    if {name: set(found) for name, found in now.servers.items() if found} != {
        name: {target.name for target in targets} for name, targets in wanted.items() if targets
    }:
        return None
    said: list[str] = []
    for backend, targets in sorted(wanted.items()):
        for target in targets:
            found = now.servers[backend][target.name]
            if (found.address, found.port) != (target.address, target.port):
                return None
            if found.weight != target.weight:
                said += [
                    f"set server {backend}/{target.name} state ready",
                    f"set server {backend}/{target.name} weight {target.weight}",
                ]
    return said
