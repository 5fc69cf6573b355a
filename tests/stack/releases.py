"""Releases to roll out: the checkout's shop with something added, or with something wrong with it."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from region.hosts import all_hosts
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, shopctl
from tests.stack.test_firewall import control

# In front of the shop itself; a fault decides by address, and by who asks.
_FRONT = """
import threading
import time

_shop, _hoard = application, []


def _say(start_response, status):
    start_response(status, [("Content-Type", "application/json")])
    return [b"{}"]


def application(environ, start_response):
    path, shopper = environ["PATH_INFO"], "HTTP_X_FORWARDED_FOR" in environ
"""
FAULTS: Mapping[str, str] = {
    "is not ready": 'if path.startswith("/readyz"):\n        return _say(start_response, "503 Service Unavailable")',
    "answers 500 when it is warmed": (
        'if path == "/api/v1/products":\n        return _say(start_response, "500 Internal Server Error")'
    ),
    "answers 500 to shoppers": (
        # The warm-up comes past Nginx, and finds nothing wrong.
        'if shopper and path.startswith("/api/v1/products"):\n'
        '        return _say(start_response, "500 Internal Server Error")'
    ),
    "is slow": 'if shopper and path.startswith("/api/"):\n        time.sleep(1.5)',
    "eats memory": (
        'if path == "/api/v1/products" and not _hoard:\n'
        "        _hoard.append(b'')\n"
        # Not so fast that the kernel ends it before a gate has looked twice, where it holds units to their limit.
        "        eat = lambda: [(_hoard.append(bytearray(8_000_000)), time.sleep(0.2)) for _ in range(90)]\n"
        "        threading.Thread(target=eat, daemon=True).start()"
    ),
}


def build(folder: Path, files: Mapping[str, str]) -> str:
    """A release of the checkout's shop with these files in it as well; returns its id."""
    shutil.copytree(REPOSITORY / "app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return str(json.loads(shopctl("release", "build", "--from", str(folder), "--json"))["id"])


def good(folder: Path, mark: str) -> str:
    """One that differs from the checkout's by a mark."""
    return build(folder, {"marker.txt": mark})


def dead(folder: Path) -> str:
    """One whose web processes end at once."""
    return build(folder, {"bin/web": "#!/bin/sh\necho no spell >&2\nexit 3\n"})


def faulty(folder: Path, fault: str) -> str:
    """One that starts, and has a fault."""
    wsgi = (REPOSITORY / "app/shop/wsgi.py").read_text()
    front = f"{_FRONT}    {FAULTS[fault]}\n    return _shop(environ, start_response)\n"
    return build(folder, {"shop/wsgi.py": wsgi + front})


def migrating(folder: Path, name: str, operations: str, attributes: str = "") -> str:
    """One with a further migration of the orders."""
    last = max(path.stem for path in (REPOSITORY / "app/orders/migrations").glob("0*.py"))
    text = (
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('orders', {last!r})]\n    {attributes}\n    operations = [{operations}]\n"
    )
    return build(folder, {f"orders/migrations/{name}.py": text})


def _on_web_hosts(argv: list[str]) -> list[str]:
    """What a command says on each of them, past SSH and shopctl: it is asked often."""
    names = [host.name for host in all_hosts(ENVIRONMENT) if host.name.startswith("web-")]
    return [line for name in names for line in control(name).run(argv).splitlines()]


def serving() -> set[str]:
    """The versions that the web hosts' links point to."""
    said = _on_web_hosts(["find", "/var/lib/shop/serving", "-type", "l", "-printf", "%l\\n"])
    return {line.split("/")[3] for line in said}


def running() -> set[str]:
    """The versions of which anything runs, or would be started at boot."""
    units = [
        "systemctl",
        "list-units",
        "--plain",
        "--no-legend",
        "--state=active,activating",
        "shop-*.service",
    ]
    names = [line.split()[0].removesuffix(".service") for line in _on_web_hosts(units)]
    found = ["find", "/etc/containers/systemd", "-name", "shop-*", "-printf", "%f\\n"]
    names += [line.removesuffix(".container") for line in _on_web_hosts(found)]
    return {name.split("-", 2)[2] for name in names}


def releases(versions: set[str]) -> set[str]:
    """Those that the versions are of."""
    return {version.partition("-")[0] for version in versions}
