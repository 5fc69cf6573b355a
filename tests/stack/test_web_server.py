"""What a rollout relies on when it stops a version: the web server of the release itself, in its own container."""

import json
from collections.abc import Callable
from pathlib import Path

from testinfra.host import Host

from tests.stack.test_hosts import version

Reach = Callable[[str], Host]
SCRIPT = Path(__file__).with_name("stopping.py")


def test_told_to_stop_it_serves_all_that_it_has_taken(reach: Reach) -> None:
    host = reach("web-1")
    container = f"shop-user-{version(host)}"
    told = json.loads(host.check_output(f"podman exec {container} python -c %s", SCRIPT.read_text()))
    # Two threads and twelve requests: most of them were waiting when it was told.
    assert told["answers"] == ["HTTP/1.1 200 OK"] * 12
    assert told["late"] in ("ConnectionRefusedError", "FileNotFoundError")
    assert told["waiting"] > 0, "nobody new is let in while those who came in time are served"
    assert (told["code"], told["left"]) == (0, False)
    # Nginx is somebody else on the host.
    assert told["mode"] == "0o666"
