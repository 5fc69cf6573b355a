"""The playbooks, and the files that they would write."""

import base64
import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.unit.ansible.conftest import HERE, REPOSITORY, Run

GOLDEN = [
    "app.env",
    "migrator.env",
    "nftables.conf",
    "node_exporter",
    "sshd.conf",
    "trade.container",
    "trade.env",
    "version.json",
    "zabbix_agent2.conf",
]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-i", "inventories/local", "playbooks/site.yml"),
        ("-i", "192.0.2.1,", "playbooks/image.yml"),
        ("-i", "inventories/local", "playbooks/version.yml"),
    ],
)
def test_ansible_accepts_the_playbooks(run: Run, arguments: tuple[str, ...]) -> None:
    run("ansible-playbook", "--syntax-check", *arguments)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_web_host_gets_this_file(rendered: Path, name: str) -> None:
    assert (rendered / name).read_text() == (HERE / "golden" / name).read_text()


def test_the_operators_key_is_the_only_one_that_may_log_in(rendered: Path) -> None:
    keys = [
        line for line in (rendered / "authorized_keys").read_text().splitlines() if not line.startswith("#")
    ]
    assert keys == ["ssh-ed25519 AAAAC3operator operator"]


def test_the_containers_differ_only_in_name_title_command_and_account(rendered: Path) -> None:
    web, worker = ((rendered / f"{name}.container").read_text() for name in ("trade", "worker"))
    differing = [
        pair for pair in zip(web.splitlines(), worker.splitlines(), strict=True) if pair[0] != pair[1]
    ]
    own = ["Description", "ContainerName", "Exec", "EnvironmentFile"]
    assert [line.split("=")[0] for line, _ in differing] == own


def test_no_secret_reaches_a_file_that_others_may_read(rendered: Path) -> None:
    secrets = (
        "mysql-trade-password",
        "mysql-worker-password",
        "mysql-root-password",
        "mysql-migrator-password",
        "mysql-backup-password",
        "mongodb-admin-password",
        "redis-password",
        "mongodb-password",
        "rabbitmq-password",
        "storage-secret",
        "publisher-secret",
        "django-secret",
        "staff-password",
        "wechat-app-secret",
        base64.b64encode(b"wechat-private-key").decode(),
        "wechat-api-v3-key",
        "wechat-push-aes-key",
    )
    telling = {
        file.name for file in rendered.iterdir() if any(secret in file.read_text() for secret in secrets)
    }
    groups = ("catalogue", "trade", "user", "service", "admin", "worker")
    assert telling == {"migrator.env", *(f"{group}.env" for group in groups)}
    assert "migrator" not in (rendered / "app.env").read_text()


@pytest.mark.parametrize("group", ["catalogue", "trade", "user", "service", "admin", "worker"])
def test_a_group_has_its_own_account_and_no_other(rendered: Path, group: str) -> None:
    text = (rendered / f"{group}.env").read_text()
    assert re.findall(r"mysql-(\w+)-password", text) == [group]
    assert f"MYSQL_USER=shop_{group}\n" in text
    assert f"SHOP_GROUP={group}\n" in text


def test_groups_and_paths_are_the_shops_own() -> None:
    """Nginx and systemd go by the settings here, the shop's processes by its own table."""
    sys.path.insert(0, str(REPOSITORY / "app"))
    try:
        from shop.groups import GROUPS
    finally:
        sys.path.remove(str(REPOSITORY / "app"))
    settings = yaml.safe_load((REPOSITORY / "playbooks/group_vars/web.yml").read_text())
    told = settings["app_groups"]
    own = [(g.name, list(g.paths)) for g in GROUPS if g.paths]
    assert [(group["name"], group["paths"]) for group in told] == own
    for group in told:
        front = {"/"} if group["name"] == settings["nginx_front_group"] else set()
        served = [path for path in group["warm"] if path.startswith(tuple(group["paths"])) or path in front]
        assert group["warm"] == served, "a version is warmed by what goes to its group"
        assert served


class TestNginx:
    """Structure only: the role has nginx itself check the file before it takes its place."""

    @pytest.fixture
    def nginx(self, rendered: Path) -> str:
        return (rendered / "nginx.conf").read_text()

    def test_blocks_are_closed_and_directives_ended(self, nginx: str) -> None:
        assert nginx.count("{") == nginx.count("}")
        code = [
            line.strip() for line in nginx.splitlines() if line.strip() and not line.strip().startswith("#")
        ]
        continued = ("'", "log_format", "proxy_cache_path")
        assert [line for line in code if line[-1] not in ";{}" and not line.startswith(continued)] == []

    def test_addresses_go_to_the_group_that_serves_them(self, nginx: str) -> None:
        trade = block(nginx, "upstream shop_trade")
        assert "server unix:/var/lib/shop/serving/trade.sock" in trade
        assert "keepalive" not in trade, "a kept connection would lead to the version of before"
        closing = r"if \(\$closed\) \{\s+return 530;\s+\}"
        found = re.findall(rf"location ~ (\S+) \{{\s+{closing}\s+proxy_pass http://shop_(\w+);", nginx)
        for path, group in {
            "/api/v1/orders": "trade",
            "/api/v1/orders/20261128/pay": "trade",
            "/api/v1/products": "catalogue",
            "/api/v1/me/addresses": "user",
            "/api/v1/metrics": None,
            "/admin/": "admin",
        }.items():
            assert [name for pattern, name in found if re.search(pattern, path)] == ([group] if group else [])
        assert "proxy_pass http://shop_trade/hostz;" in block(nginx, "location = /healthz {")

    @pytest.mark.parametrize("kind", ["media", "static"])
    def test_files_go_to_their_bucket_over_checked_tls(self, nginx: str, kind: str) -> None:
        location = block(nginx, f"location /{kind}/")
        assert f"rewrite ^/{kind}/(.*)$ /shop-{kind}-1250000000/$1 break;" in location
        # "break" ends the rewrite module's turn, and `set` belongs to it.
        assert location.index("set $storage") < location.index("rewrite")
        assert "proxy_ssl_verify on;" in location
        assert "proxy_ssl_name cos.ap-guangzhou.myqcloud.com;" in location
        assert 'proxy_set_header Cookie "";' in location

    def test_names_are_looked_up_at_the_hosts_first_name_server(self, nginx: str) -> None:
        assert re.findall(r"^ *resolver (.*);", nginx, re.MULTILINE) == ["10.77.0.2 valid=30s"]

    def test_status_is_on_loopback_and_metrics_are_for_the_ops_host(self, nginx: str) -> None:
        assert nginx.count("stub_status") == 1
        assert "listen 127.0.0.1:8080;" in nginx
        for inner in ("/metrics/trade", "/metrics/worker", "/readyz"):
            assert re.findall(r"(allow|deny) (\S+);", block(nginx, f"location = {inner}")) == [
                ("allow", "127.0.0.1"), ("allow", "10.77.21.11"), ("deny", "all"),
            ]  # fmt: skip


def block(text: str, start: str) -> str:
    """From `start` to the brace that closes its block."""
    begin = text.index(start)
    depth = 0
    for position in range(text.index("{", begin), len(text)):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[begin : position + 1]
    raise AssertionError(f"{start} is not closed")
