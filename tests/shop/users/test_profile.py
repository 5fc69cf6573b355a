"""What users change about themselves, and what others see of it."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.shop.people import Person, log_in
from tests.shop.sandbox import Wechat
from uploads.models import Upload
from users import selectors
from users.models import User
from users.selectors import Profile

ME = "/api/v1/me"


def change(person: Person, **fields: Any) -> Any:
    return person.client.patch(ME, fields, content_type="application/json")


def upload(key: str, user_id: int, state: str = "approved") -> None:
    Upload.objects.create(key=key, user_id=user_id, state=state, created_at=timezone.now())


@pytest.fixture
def person(wechat: Wechat) -> Person:
    return log_in(wechat.openid("小明"))


def test_a_name_and_a_picture_are_changed_one_by_one(person: Person) -> None:
    upload("uploads/a.jpg", person.id)
    assert change(person, nickname="  阿明 ").json()["nickname"] == "阿明"
    answer = change(person, avatar_key="uploads/a.jpg").json()
    assert (answer["nickname"], answer["avatar_url"]) == ("阿明", "https://cdn.test/media/uploads/a.jpg")
    assert person.client.get(ME).json() == answer
    assert change(person).json() == answer
    assert change(person, avatar_key="").json()["avatar_url"] == ""


def test_wechats_client_which_knows_no_patch_changes_a_user_by_put(person: Person) -> None:
    upload("uploads/a.jpg", person.id)
    change(person, avatar_key="uploads/a.jpg")
    answer = person.client.put(ME, {"nickname": "阿明"}, content_type="application/json").json()
    assert (answer["nickname"], answer["avatar_url"]) == ("阿明", "https://cdn.test/media/uploads/a.jpg")


@pytest.mark.parametrize("nickname", ["违禁品", "加微信 abc"])
def test_a_name_that_wechat_objects_to_is_refused(person: Person, nickname: str) -> None:
    answer = change(person, nickname=nickname)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "content_refused")
    assert person.client.get(ME).json()["nickname"] == "小明"


def test_a_name_that_cannot_be_checked_is_not_taken(person: Person, wechat: Wechat) -> None:
    wechat.weather(down=True)
    assert change(person, nickname="阿明").json()["error"]["code"] == "wechat_unavailable"
    # An unchanged one needs no check.
    assert change(person, nickname="小明").status_code == 200
    by_phone = log_in("")
    assert change(by_phone, nickname="阿明").json()["error"]["code"] == "wechat_required"


def test_only_ones_own_pictures_can_be_used(person: Person) -> None:
    upload("uploads/other.jpg", person.id + 1)
    upload("uploads/bad.jpg", person.id, "refused")
    for key in ("uploads/other.jpg", "uploads/bad.jpg", "nothing.jpg"):
        answer = change(person, avatar_key=key)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "avatar_key")


@pytest.mark.parametrize(
    "fields", [{"nickname": ""}, {"nickname": "长" * 41}, {"nickname": "a\x07"}, {"phone": "1"}]
)
def test_wrong_fields_are_refused(person: Person, fields: dict[str, str]) -> None:
    answer = change(person, **fields)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, next(iter(fields)))
    assert Client().patch(ME, fields, content_type="application/json").status_code == 401


def test_others_see_a_picture_when_it_has_passed(person: Person) -> None:
    other = log_in()
    upload("uploads/a.jpg", person.id, "checking")
    change(person, avatar_key="uploads/a.jpg")
    seen = selectors.profiles([person.id, other.id, 2**62])
    assert seen == {person.id: Profile("小明", ""), other.id: Profile("小明", "")}
    Upload.objects.update(state="approved")
    assert selectors.profiles([person.id])[person.id].avatar_url == "https://cdn.test/media/uploads/a.jpg"


def test_openids_are_found_both_ways(person: Person) -> None:
    assert selectors.openid(person.id) == person.openid
    assert selectors.by_openid(person.openid) == person.id
    assert selectors.openid(log_in("").id) == ""
    assert selectors.by_openid("nobody") is None


def test_staff_is_told_apart(person: Person) -> None:
    User.objects.update(role=User.Role.STAFF)
    assert person.client.get(ME).json()["roles"] == ["customer", "staff"]
