"""Commands of MongoDB's protocol to the server of a host.

No client for it is in Debian, so the region's own process brings one:
`python -m region.services.mongodb_client` runs in the host's network namespace (past the security groups, as
a control plane does) and reads what to do from standard input, since it holds passwords.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from region import names
from region.errors import RegionError
from region.hosts import HostControl
from region.process import run
from region.services.ferretdb_config import ADMIN, PORT

EXISTS, MISSING, WRONG = 51003, 11, 18
"""Codes of errors: an account is there already, is not there, or opens with another password."""

Login = tuple[str, str]
"""An account's name and password."""


def command(
    control: HostControl,
    login: Login,
    body: dict[str, Any],
    accept: tuple[int, ...] = (),
    attempt: Login | None = None,
) -> dict[str, Any]:
    """Run one command on the database `admin`. Errors raise `RegionError`, except for accepted codes.

    `attempt` is an account to try as well: the answer's `opens` says whether its password lets it in.
    """
    namespace = names.namespace(control.settings.name, control.host.id)
    argv = [
        "env",
        f"PYTHONPATH={Path(__file__).parents[2]}",
        sys.executable,
        "-m",
        "region.services.mongodb_client",
    ]
    text = json.dumps({"login": login, "command": body, "attempt": attempt})
    answer: dict[str, Any] = json.loads(run(["ip", "netns", "exec", namespace, *argv], stdin=text))
    if "error" in answer and answer.get("code") not in accept:
        raise RegionError(f"MongoDB on {control.host.name} ({control.host.id}) answered: {answer['error']}")
    return answer


def administrator(secret: str) -> Login:
    return ADMIN, secret


def main() -> None:
    """Do what standard input says and print the answer."""
    asked = json.loads(sys.stdin.read())
    answer = ask(asked["login"], asked["command"])
    if asked["attempt"] and "error" not in answer:
        answer["opens"] = "error" not in ask(asked["attempt"], {"connectionStatus": 1})
    print(json.dumps(answer, default=str), flush=True)
    # A client that is closed waits for its threads, for half a second; this process is at its end anyway.
    os._exit(0)


def ask(login: Login, body: dict[str, Any]) -> dict[str, Any]:
    """One command as one account; an error is an answer too."""
    from pymongo import MongoClient
    from pymongo.errors import OperationFailure, PyMongoError

    name, password = login
    client = MongoClient[dict[str, Any]](
        "127.0.0.1",
        PORT,
        username=name,
        password=password,
        authSource="admin",
        directConnection=True,
        serverSelectionTimeoutMS=20_000,
    )
    try:
        return dict(client.admin.command(body))
    except OperationFailure as error:
        return {"error": str(error), "code": error.code}
    except PyMongoError as error:
        return {"error": str(error)}


if __name__ == "__main__":
    main()
