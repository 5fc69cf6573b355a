"""FerretDB's unit as text, and what is common to managed services."""

import pytest

from region.errors import RegionError
from region.services import ferretdb_config, placement
from region.services.daemon import user_ids


def test_ferretdb_asks_for_passwords_and_runs_as_a_user_of_its_own() -> None:
    lines = ferretdb_config.unit().splitlines()
    command = next(line for line in lines if line.startswith("ExecStart=")).split()
    assert "--test-enable-new-auth" in command
    assert "--sqlite-url=file:/var/lib/ferretdb/" in command
    assert "User=ferretdb" in lines


def test_the_admin_password_is_in_the_environment_and_not_in_the_command() -> None:
    assert "FERRETDB_SETUP_PASSWORD=secret\n" in ferretdb_config.environment("secret")
    assert "PASSWORD" not in ferretdb_config.unit()


@pytest.mark.parametrize(
    ("text", "name"),
    [("shop-local-mysql", "shop-local-mysql"), ("Shop_MySQL 1.", "shop-mysql-1"), ("商店", "cdb-1")],
)
def test_a_service_is_called_by_a_name_that_a_host_may_have(text: str, name: str) -> None:
    assert placement.host_name(text, "cdb-1") == name


def test_long_names_are_cut_to_what_a_host_may_have() -> None:
    name = placement.host_name("a" * 59 + "-b" * 20, "x")
    assert len(name) <= 63
    assert not name.endswith("-")


def test_an_update_of_what_cannot_change_is_refused_by_name() -> None:
    with pytest.raises(RegionError, match="subnetId"):
        placement.refuse("a:b/c:C", "c-1", {"subnetId": "x"}, {"subnetId": "y"}, "vpcId", "subnetId")
    placement.refuse("a:b/c:C", "c-1", {"subnetId": "x"}, {"subnetId": "x", "name": "n"}, "vpcId", "subnetId")


def test_users_of_an_image_are_found() -> None:
    passwd = "root:x:0:0:root:/root:/bin/sh\nmysql:x:100:101:MariaDB:/nonexistent:/bin/false\n"
    assert user_ids(passwd, "mysql") == (100, 101)
    with pytest.raises(RegionError, match="redis"):
        user_ids(passwd, "redis")
