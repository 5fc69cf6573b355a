"""The WeChat sandbox as a process on loopback, and what a test has people do there."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from region.wechat import account
from region.wechat.account import Account
from region.wechat.server.people import openid

ROOT = Path(__file__).resolve().parents[2]
RETRY_SCALE = 0.02
"""WeChat's intervals of 15 s become 0.3 s."""


@dataclass
class Wechat:
    """A running sandbox. `url` is both of WeChat's APIs."""

    account: Account
    url: str
    config: Path
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    # The process

    def start(self) -> None:
        """Start it, and wait until it answers."""
        argv = [sys.executable, "-m", "region.wechat.server", "--config", str(self.config)]
        with (self.config.parent / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + 90
        while True:
            try:
                requests.get(f"{self.url}/healthz", timeout=10).raise_for_status()
                return
            except requests.RequestException:
                log_text = (self.config.parent / "log").read_text()
                assert self._process.poll() is None, log_text
                assert time.monotonic() < deadline, log_text
                time.sleep(0.05)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait(60)

    def stop(self) -> None:
        """End it in order."""
        assert self._process
        self._process.terminate()
        self._process.wait(60)

    def reset(self) -> None:
        """Forget everything, and let the weather be fair."""
        self._ask("POST", "/sandbox/reset", {})
        self.weather()

    # What people do

    def login(self, person: str = "小明") -> str:
        """A code for `POST /auth/wechat`."""
        return str(self._ask("POST", "/sandbox/login", {"person": person})["code"])

    def openid(self, person: str = "小明") -> str:
        """A person's openid; the person is known to WeChat from now on."""
        self.login(person)
        return openid(self.account.app_id, person)

    def phone(self, person: str = "小明", number: str | None = None) -> str:
        """A code for the person's telephone number."""
        return str(self._ask("POST", "/sandbox/phone", {"person": person, "phone": number})["code"])

    def pay(
        self, parameters: dict[str, str] | str, outcome: str = "success", person: str | None = None
    ) -> dict[str, Any]:
        """Decide over a payment, by what `POST /orders/{number}/pay` gave, or by a prepay_id."""
        named = {"parameters": parameters} if isinstance(parameters, dict) else {"prepay_id": parameters}
        return self._ask("POST", "/sandbox/pay", {**named, "outcome": outcome, "person": person})

    def consent(self, person: str, template_id: str, count: int = 1) -> None:
        """Allow subscription messages."""
        body = {"person": person, "template_id": template_id, "count": count}
        self._ask("POST", "/sandbox/subscribe", body)

    def write(self, person: str, text: str = "", image_url: str = "") -> dict[str, Any]:
        """Write to customer service, or send a picture."""
        body = {"person": person, "text": text, "image_url": image_url}
        return self._ask("POST", "/sandbox/customer-message", body)

    # What WeChat does

    def weather(self, **kinds: Any) -> None:
        """Have something go wrong from now on; what isn't named is fair again."""
        self._ask("PUT", "/sandbox/weather", {"retry_scale": RETRY_SCALE, "refund_seconds": 0.1, **kinds})

    def push_to(self, url: str) -> None:
        """Have messages pushed there, which must pass WeChat's verification."""
        self._ask("PUT", "/sandbox/push", {"url": url})

    def ledger(self, since: float | str | None = None) -> dict[str, Any]:
        """What happened there."""
        query = "" if since is None else f"?since={since}"
        return self._ask("GET", f"/sandbox/ledger{query}")

    def settled(self, seconds: float = 60) -> dict[str, Any]:
        """Wait until no refund is in the making and nothing has to be delivered any more; the ledger."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.ledger()
            waiting = [
                each for each in found["notifications"] + found["pushes"] if each["state"] == "waiting"
            ]
            waiting += [each for each in found["refunds"] if each["status"] == "PROCESSING"]
            if not waiting:
                return found
            assert time.monotonic() < deadline, f"still waiting: {waiting}"
            time.sleep(0.05)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = requests.request(method, self.url + path, json=body, timeout=60)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[Wechat]:
    """A sandbox with an account of its own, which keeps its things in `folder`; `settings` go into its config."""
    made, private_key = account.create()
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    config = {
        **account.server_settings(made, private_key),
        "database": str(folder / "wechat.db"),
        "host": "127.0.0.1",
        "port": port,
        "public_url": url,
        **settings,
    }
    file = folder / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(config))
    wechat = Wechat(made, url, file)
    wechat.start()
    try:
        wechat.weather()
        yield wechat
    finally:
        wechat.stop()
