"""A process is given the secrets that its group uses, and says which one it lacks."""

import base64
import os

import pytest

from shop.environment import EnvironmentVariablesError, WithheldError, read
from shop.groups import BY_NAME
from shop.needs import SECRETS, USES, Part, variables

PEM = base64.b64encode(b"-----BEGIN").decode()
GIVEN = {
    **{name: f"{name.lower()}-0123456789-0123456789-0123456789" for part in Part for name in SECRETS[part]},
    "WECHAT_PRIVATE_KEY": PEM,
}
COMMON = {name: value for name, value in os.environ.items() if name not in GIVEN}


def environment(group: str, *, without: str = "") -> dict[str, str]:
    """What a group's process gets."""
    own = {name: GIVEN[name] for name in variables(group) if name != without}
    return {**COMMON, "SHOP_GROUP": group, **own}


@pytest.mark.parametrize("group", [*BY_NAME, "all"])
def test_a_group_needs_just_what_it_is_given(group: str) -> None:
    assert read(environment(group)).group == group
    for name in variables(group):
        if name not in ("REDIS_PASSWORD", "MONGODB_USER", "MONGODB_PASSWORD"):
            with pytest.raises(EnvironmentVariablesError, match=f"{name} is missing"):
                read(environment(group, without=name))


def test_the_key_to_the_money_is_where_money_is_moved() -> None:
    assert {group for group in BY_NAME if "WECHAT_PRIVATE_KEY" in variables(group)} == {"trade", "worker"}
    assert {group for group in BY_NAME if "DJANGO_SECRET_KEY" in variables(group)} == {"admin"}
    assert "WECHAT_APP_SECRET" not in variables("trade")


def test_what_is_not_given_is_refused_by_name() -> None:
    found = read(environment("catalogue"))
    with pytest.raises(WithheldError, match="the catalogue processes are not given WECHAT_PRIVATE_KEY"):
        _ = found.pay.private_key
    with pytest.raises(WithheldError, match="MONGODB_PASSWORD"):
        _ = found.mongodb.host
    # Django itself refuses an empty one.
    assert found.secret_key == ""
    assert read(environment("admin")).secret_key == GIVEN["DJANGO_SECRET_KEY"]


def test_what_a_group_does_not_use_it_does_not_take() -> None:
    found = read({**environment("user"), **GIVEN})
    with pytest.raises(WithheldError, match="the user processes"):
        _ = found.storage.secret_key


def test_a_command_has_what_is_there() -> None:
    found = read(
        {**environment("trade"), "SHOP_APPLICATIONS": "all", "S3_ACCESS_KEY": "a", "S3_SECRET_KEY": "b"}
    )
    assert found.storage.access_key == "a"
    assert found.pay.api_v3_key == GIVEN["WECHAT_API_V3_KEY"]
    with pytest.raises(WithheldError, match="RABBITMQ_USER, RABBITMQ_PASSWORD"):
        _ = found.rabbitmq.user


def test_every_secret_belongs_to_a_part_that_somebody_uses() -> None:
    assert set(SECRETS) == set(Part)
    assert set(USES) == {*BY_NAME, "all"}
    assert {part for group in BY_NAME for part in USES[group]} == set(Part)
