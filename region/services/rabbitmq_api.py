"""RabbitMQ's HTTP API, called by curl from inside the node's host.

rabbitmqctl would start an Erlang each time, which takes seconds. Passwords travel by standard input.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from region.errors import RegionError
from region.hosts import HostControl
from region.region import Region
from region.services import daemon
from region.services.rabbitmq_config import ADMIN, MANAGEMENT

UNIT = "rabbitmq-server.service"
SECRET = "/etc/rabbitmq/administrator"


@dataclass(frozen=True)
class Answer:
    """A status code and a body."""

    status: int
    body: Any


def path(*parts: str) -> str:
    """A path of the API; a virtual host may be called `/`."""
    return "/".join(quote(part, safe="") for part in parts)


def request(method: str, where: str, secret: str, body: Any = None) -> str:
    """Pure: curl's configuration (curl(1), --config) for one request."""
    options = {
        "url": f"http://127.0.0.1:{MANAGEMENT}/api/{where}",
        "request": method,
        "user": f"{ADMIN}:{secret}",
        "header": "content-type: application/json",
        "write-out": "\n%{http_code}",
        "max-time": "30",
    }
    if body is not None:
        options["data-raw"] = json.dumps(body)
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in options.items()) + "silent\nshow-error\n"


def _quoted(value: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(character, character) for character in value) + '"'


def answer(output: str) -> Answer:
    """Pure: what curl printed for `request`."""
    body, _, status = output.rpartition("\n")
    try:
        return Answer(int(status), json.loads(body) if body.strip() else None)
    except ValueError:
        return Answer(int(status) if status.isdigit() else 0, body)


class Api:
    """The API of the node on one host."""

    def __init__(self, control: HostControl, secret: str) -> None:
        self._control = control
        self._secret = secret

    def call(self, method: str, where: str, body: Any = None) -> Answer:
        """Make a request; 404 is an answer too, everything else but success raises `RegionError`."""
        done = answer(
            self._control.run(["curl", "--config", "-"], stdin=request(method, where, self._secret, body))
        )
        if done.status // 100 != 2 and done.status != 404:
            host = self._control.host.name
            raise RegionError(f"RabbitMQ on {host} answered {done.status} to {method} {where}: {done.body}")
        return done

    def put(self, where: str, body: Any) -> None:
        """Make or change a thing."""
        if self.call("PUT", where, body).status == 404:
            raise RegionError(
                f"RabbitMQ on {self._control.host.name} does not know what {where} is to be made in"
            )

    def get(self, where: str) -> Any | None:
        """A thing, or None when there is none."""
        done = self.call("GET", where)
        return None if done.status == 404 else done.body

    def delete(self, where: str) -> None:
        """Remove a thing, if there is one."""
        self.call("DELETE", where)


def api_of(region: Region, cluster_id: str) -> Api | None:
    """The API of a cluster, started if it was stopped; None when the cluster is gone."""
    if not region.has_host(cluster_id):
        return None
    control = region.host(cluster_id)
    daemon.revive(control, UNIT)
    return Api(control, daemon.kept_secret(control, SECRET))


def watched(region: Region, cluster_id: str) -> Api | None:
    """The API of a cluster for somebody who only looks; None when its node is down."""
    control = region.host(cluster_id)
    if control.leader() is None or not daemon.active(control, UNIT):
        return None
    return Api(control, daemon.kept_secret(control, SECRET))
