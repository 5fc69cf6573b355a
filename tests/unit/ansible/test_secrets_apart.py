"""Each group's file has the secrets that its processes use, as the shop's own table says, and no other."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from tests.unit.ansible.conftest import REPOSITORY

GROUPS = ("catalogue", "trade", "user", "service", "admin", "worker")
PLACE = {"SHOP_GROUP", "SHOP_SOCKET"}


def names(file: Path) -> list[str]:
    return re.findall(r"^([A-Z0-9_]+)=", file.read_text(), re.MULTILINE)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_is_given_what_the_shop_says_that_it_uses(rendered: Path, group: str) -> None:
    sys.path.insert(0, str(REPOSITORY / "app"))
    try:
        from shop.needs import variables
    finally:
        sys.path.remove(str(REPOSITORY / "app"))
    given = names(rendered / f"{group}.env")
    assert sorted(given) == sorted({*variables(group), *PLACE})


def test_what_everybody_has_is_no_secret(rendered: Path) -> None:
    sys.path.insert(0, str(REPOSITORY / "app"))
    try:
        from shop.needs import SECRETS
    finally:
        sys.path.remove(str(REPOSITORY / "app"))
    secrets = {name for section in SECRETS.values() for name in section}
    assert not secrets & set(names(rendered / "app.env"))
    assert names(rendered / "migrator.env") == [
        *("MYSQL_USER", "MYSQL_PASSWORD"),
        *("REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"),
    ]


def test_another_secret_is_another_version() -> None:
    """So it goes through a rollout, as a release does."""
    told = yaml.safe_load((REPOSITORY / "roles/app/vars/main.yml").read_text())
    assert {"app_secrets", "app_given"} <= set(re.findall(r"app_\w+", told["app_settings_digest"]))
