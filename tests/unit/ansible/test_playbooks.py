"""The playbooks, and the files that they would write."""

import re
from pathlib import Path

import pytest

from tests.unit.ansible.conftest import HERE, Run

GOLDEN = [
    "app.env",
    "migrator.env",
    "nftables.conf",
    "node_exporter",
    "shop-web.container",
    "sshd.conf",
    "zabbix_agent2.conf",
]


@pytest.mark.parametrize(
    "arguments",
    [("-i", "inventories/local", "playbooks/site.yml"), ("-i", "192.0.2.1,", "playbooks/image.yml")],
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


def test_the_containers_differ_only_in_name_title_and_command(rendered: Path) -> None:
    web, worker = ((rendered / f"shop-{name}.container").read_text() for name in ("web", "worker"))
    differing = [
        pair for pair in zip(web.splitlines(), worker.splitlines(), strict=True) if pair[0] != pair[1]
    ]
    assert [line.split("=")[0] for line, _ in differing] == ["Description", "ContainerName", "Exec"]


def test_no_secret_reaches_a_file_that_others_may_read(rendered: Path) -> None:
    secrets = (
        "mysql-password",
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
    )
    telling = {
        file.name for file in rendered.iterdir() if any(secret in file.read_text() for secret in secrets)
    }
    assert telling == {"app.env", "migrator.env"}
    assert "migrator" not in (rendered / "app.env").read_text()


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

    def test_pages_go_to_the_shop(self, nginx: str) -> None:
        assert "server 127.0.0.1:8000" in block(nginx, "upstream shop")
        assert "proxy_pass http://shop;" in block(nginx, "location / {\n            proxy_pass")

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
        assert re.findall(r"(allow|deny) (\S+);", block(nginx, "location = /metrics")) == [
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
