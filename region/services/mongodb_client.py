"""Commands of MongoDB's protocol to the server of a host.

No client for it is in Debian, so the region's own process brings one:
`python -m region.services.mongodb_client` runs in the host's network namespace (past the security groups, as
a control plane does) and reads the command from standard input, since it holds passwords.
"""

import json
import sys
from pathlib import Path
from typing import Any

from region import names
from region.errors import RegionError
from region.hosts import HostControl
from region.process import run
from region.services.ferretdb_config import ADMIN, PORT

EXISTS, MISSING = 51003, 11
"""Codes of errors: an account is there already, or is not there."""


def command(
    control: HostControl, secret: str, body: dict[str, Any], accept: tuple[int, ...] = ()
) -> dict[str, Any]:
    """Run one command on the database `admin`. Errors raise `RegionError`, except for accepted codes."""
    namespace = names.namespace(control.settings.name, control.host.id)
    argv = [
        "env",
        f"PYTHONPATH={Path(__file__).parents[2]}",
        sys.executable,
        "-m",
        "region.services.mongodb_client",
    ]
    text = json.dumps({"secret": secret, "command": body})
    answer: dict[str, Any] = json.loads(run(["ip", "netns", "exec", namespace, *argv], stdin=text))
    if "error" in answer and answer.get("code") not in accept:
        raise RegionError(f"MongoDB on {control.host.name} ({control.host.id}) answered: {answer['error']}")
    return answer


def main() -> None:
    """Run the command on standard input and print the answer."""
    from pymongo import MongoClient
    from pymongo.errors import OperationFailure, PyMongoError

    asked = json.loads(sys.stdin.read())
    client: MongoClient[dict[str, Any]] = MongoClient(
        "127.0.0.1",
        PORT,
        username=ADMIN,
        password=asked["secret"],
        authSource="admin",
        serverSelectionTimeoutMS=20_000,
    )
    try:
        answer = dict(client.admin.command(asked["command"]))
    except OperationFailure as error:
        answer = {"error": str(error), "code": error.code}
    except PyMongoError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer, default=str))


if __name__ == "__main__":
    main()
