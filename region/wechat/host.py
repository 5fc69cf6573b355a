"""The host of the region that WeChat runs on: it comes with the first VPC, and goes with the last one.

There is none in a region whose stack has no account at WeChat (`account.register`). It asks a resolver of its own for
the shop's public names, as WeChat asks the internet's.
"""

import json
from dataclasses import asdict
from pathlib import Path

from region import authority, resolver
from region.hosts import Host, HostControl, folder
from region.network import INTERNET
from region.region import Region
from region.resolver import VPC
from region.settings import WECHAT_NAMES, WECHAT_SLOT, public_address
from region.wechat import account
from region.wechat.account import Account
from region.wechat.server.config import Config

HOST = resolver.OUTSIDE
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
LIBRARY = "/usr/lib/wechat"
PROGRAM = Path(__file__).parent / "server"

UNIT = f"""\
[Unit]
Description=WeChat (sandbox)
After=network.target dnsmasq.service
StartLimitIntervalSec=0

[Service]
Environment=PYTHONPATH={LIBRARY} PYTHONDONTWRITEBYTECODE=1
ExecStart=/usr/bin/python3 -m region.wechat.server --config /etc/wechat/config.json
Restart=always
RestartSec=200ms
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def open_wechat(region: Region) -> None:
    """Have WeChat run, with the program and the account as they are now; nothing happens without an account."""
    found = account.registered(region.settings)
    if found is None:
        return
    with region.locked("wechat"):
        ready = folder(region.name, HOST) / "ready"
        if ready.exists():
            control = region.host(HOST)
            control.boot()
            if _lay(control, *found) or not _answers(control):
                control.run(["systemctl", "daemon-reload"])
                control.run(["systemctl", "restart", "wechat"])
        else:
            control = _make(region, *found)
        control.wait_for(_HEALTH, "WeChat")
        ready.touch()


def _make(region: Region, found: Account, private_key: str) -> HostControl:
    address, binds = public_address(region.settings, WECHAT_SLOT), {"/var/lib/wechat": "wechat"}
    control = region.prepare(
        Host(HOST, "wechat", "wechat", "managed", INTERNET, (address,), "127.0.0.1", binds)
    )
    certificate, key = authority.issue(region.name, list(WECHAT_NAMES), [address])
    control.write("/etc/wechat/server.pem", certificate + "\n")
    control.write("/etc/wechat/server.key", key + "\n", 0o600)
    resolver.furnish(region, control, "", interface="lo")
    _lay(control, found, private_key)
    control.enable("wechat.service")
    control.boot()
    return control


_HEALTH = ["curl", "--silent", "--fail", "--cacert", BUNDLE]
_HEALTH += ["--resolve", f"{WECHAT_NAMES[0]}:443:127.0.0.1", f"https://{WECHAT_NAMES[0]}/healthz"]


def _answers(control: HostControl) -> bool:
    return (
        control.run(["systemctl", "show", "--property=ActiveState", "--value", "wechat"]).strip() == "active"
    )


def _lay(control: HostControl, found: Account, private_key: str) -> bool:
    """Bring the host's files in line with the checkout and the account; whether any was another."""
    config = Config(
        **account.server_settings(found, private_key),
        database="/var/lib/wechat/wechat.db",
        host="0.0.0.0",
        port=443,
        public_url=f"https://{WECHAT_NAMES[1]}",
        certificate="/etc/wechat/server.pem",
        key="/etc/wechat/server.key",
        trust=BUNDLE,
    )
    files = {
        f"{LIBRARY}/region/wechat/server/{file.name}": file.read_text()
        for file in sorted(PROGRAM.iterdir())
        if file.suffix in (".py", ".js")
    }
    files["/etc/wechat/config.json"] = json.dumps(asdict(config), indent=2)
    files["/etc/systemd/system/wechat.service"] = UNIT
    changed = [path for path, text in files.items() if _read(control, path) != text]
    for path in changed:
        control.write(path, files[path], 0o600 if path.startswith("/etc/wechat/") else 0o644)
    return bool(changed)


def _read(control: HostControl, path: str) -> str:
    file = control.root / path.lstrip("/")
    return file.read_text() if file.exists() else ""


def missing(region: Region) -> bool:
    """Whether WeChat should run and doesn't."""
    return account.registered(region.settings) is not None and not region.is_running(HOST)


def close_wechat(region: Region) -> None:
    """Remove WeChat once no VPC is on record. The account stays, with the region."""
    with region.locked("wechat"):
        if not region.records.all(VPC):
            region.remove_host(HOST)
