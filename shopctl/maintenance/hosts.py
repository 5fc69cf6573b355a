"""The web hosts' side: look, switch, and see what Nginx answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from shopctl import paths
from shopctl.errors import ShopctlError
from shopctl.maintenance import notice as notices
from shopctl.maintenance.notice import Notice
from shopctl.maintenance.planning import HostFacts

if TYPE_CHECKING:
    from infra.outputs import Host
    from shopctl.drivers.ssh import Fleet

FOLDER = "/var/lib/shop/maintenance"
"""As `nginx_maintenance_folder` of the role nginx has it."""
PAGE = paths.REPOSITORY / "templates" / "nginx" / "maintenance.html"
READY = "/readyz"
PATHS = ("/", "/api/v1/products", "/healthz", READY)
"""What is asked as visitors and probes do: at the host's own address, as loopback is let in; `READY` is for that."""
TIMEOUT = 45.0
_STRANGE = Notice("what somebody else wrote", 0.0)
Given = TypeVar("Given")
_SCRIPT = Path(__file__).with_name("on_host.py")


@dataclass(frozen=True)
class Answer:
    """What Nginx on a host said to a request of a visitor or a probe."""

    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Look:
    """A host, and its answers by path."""

    facts: HostFacts
    answers: Mapping[str, Answer]


def look(fleet: Fleet, domain: str = "", paths: Sequence[str] = ()) -> list[Look]:
    """What each web host shows, and answers at these paths; one that can't be asked has a `problem`."""

    def one(host: Host) -> Look:
        try:
            said = _on_host(fleet, host, "look", FOLDER, domain, *(_url(host, path) for path in paths))
        except ShopctlError as error:
            return Look(HostFacts(host.name, problem=error.what), {})
        answers = {path: Answer(**answer) for path, answer in zip(paths, said["asked"], strict=True)}
        written = said["answer"]
        shown = None if written is None else notices.read(written) or _STRANGE
        ready = READY not in answers or answers[READY].status == 200
        return Look(HostFacts(host.name, shown, ready), answers)

    return _each(web(fleet), one)


def show(fleet: Fleet, names: Sequence[str], wanted: Notice) -> dict[str, ShopctlError]:
    """Shows the page on these hosts, all at once; returns those where it failed."""
    page = wanted.page(PAGE.read_text(encoding="utf-8"))
    words = ("show", FOLDER, wanted.answer(), page, str(wanted.retry_at))
    return _switch(fleet, names, words)


def hide(fleet: Fleet, names: Sequence[str]) -> dict[str, ShopctlError]:
    """Takes it away from them, all at once; returns those where it failed."""
    return _switch(fleet, names, ("hide", FOLDER))


def amiss(seen: Look, wanted: Notice | None) -> list[str]:
    """What a host answers otherwise than it should; empty when all is well. Pure."""
    found: list[str] = []
    for path, answer in seen.answers.items():
        closed = answer.status == 503 and answer.headers.get("cache-control") == "no-store"
        said = f"{path}: {answer.status} {answer.body[:120]}".strip()
        if wanted is None:
            if notices.is_answer(answer.status, answer.body.encode()):
                found.append(said)
        elif path == "/api/v1/products":
            found += [] if closed and notices.is_answer(503, answer.body.encode()) else [said]
        elif path == "/":
            found += [] if closed and "<!doctype html>" in answer.body.lower() else [said]
        elif path == "/healthz":
            found += [] if answer.status == 200 else [said]
    return found


def _url(host: Host, path: str) -> str:
    return f"http://{'127.0.0.1' if path == READY else host.address}{path}"


def web(fleet: Fleet) -> list[Host]:
    """The hosts that the balancer sends visitors to."""
    return fleet.choose("web")


def _switch(fleet: Fleet, names: Sequence[str], words: Sequence[str]) -> dict[str, ShopctlError]:
    def one(host: Host) -> ShopctlError | None:
        try:
            _on_host(fleet, host, *words)
        except ShopctlError as error:
            return error
        return None

    chosen = [host for host in web(fleet) if host.name in names]
    answers = _each(chosen, one)
    return {host.name: error for host, error in zip(chosen, answers, strict=True) if error}


def _each(hosts: Sequence[Host], act: Callable[[Host], Given]) -> list[Given]:
    with ThreadPoolExecutor(max_workers=max(len(hosts), 1)) as pool:
        return list(pool.map(act, hosts))


def _on_host(fleet: Fleet, host: Host, *words: str) -> Any:
    argv = ["python3", "-c", _SCRIPT.read_text(encoding="utf-8"), *words]
    done = fleet.run(host, argv, timeout=TIMEOUT)
    if done.code != 0:
        lines = done.stderr.splitlines()
        raise ShopctlError(
            f"maintenance could not be switched: {lines[-1] if lines else 'no reason given'}",
            where=host.name,
            command=f"{_SCRIPT.name} {' '.join(words[:2])}",
            exit_status=done.code,
            last_lines=lines,
        )
    return json.loads(done.stdout)
