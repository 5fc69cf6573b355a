"""Tokens: found fast, refused at once when they have ended, and never stored."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.drivers import redis
from core.identity import digest
from tests.shop.away import without_redis
from tests.shop.people import Person, log_in
from users import jobs, services, sessions
from users.models import Session, User


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    yield
    sessions._breaker.close()


def _token(person: Person) -> str:
    return str(person.client.defaults["HTTP_AUTHORIZATION"]).removeprefix("Bearer ")


def _with(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def test_a_token_names_its_user() -> None:
    one, other = log_in(), log_in(nickname="小红")
    assert one.client.get("/api/v1/me").json()["id"] == one.id
    answer = other.client.get("/api/v1/me").json()
    assert answer == {
        "id": other.id,
        "nickname": "小红",
        "avatar_url": "",
        "phone": "",
        "roles": ["customer"],
    }


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer nobodys-token", "Basic YTpi", f"Bearer {'x' * 4000}"]
)
def test_what_is_no_token_is_refused(sent: str) -> None:
    answer = Client(headers={"Authorization": sent}).get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "login_required"


def test_the_second_request_asks_no_database() -> None:
    token = _token(log_in())
    with CaptureQueriesContext(connection) as first:
        found = sessions.find(token)
    with CaptureQueriesContext(connection) as second:
        assert sessions.find(token) == found
    assert (len(first), len(second)) == (1, 0)


def test_logging_out_counts_at_once_although_the_token_was_remembered() -> None:
    person = log_in()
    assert person.client.get("/api/v1/me").status_code == 200
    assert person.client.post("/api/v1/auth/logout").status_code == 204
    assert person.client.get("/api/v1/me").status_code == 401
    assert person.client.post("/api/v1/auth/logout").status_code == 401


def test_a_slow_reader_does_not_bring_a_revoked_token_back() -> None:
    person = log_in()
    customer = sessions.find(_token(person))
    assert customer is not None
    redis.client().flushdb()
    sessions.revoke(token=_token(person))
    # Read before the revocation, remembered after it.
    sessions._remember(digest(_token(person)), customer, timezone.now() + timedelta(days=1))
    assert person.client.get("/api/v1/me").status_code == 401


def test_logging_out_everywhere_ends_all_sessions_of_one_user() -> None:
    person, stranger = log_in(), log_in()
    phone = _with(sessions.open_session(user=User.objects.get(pk=person.id)).token)
    assert phone.get("/api/v1/me").status_code == 200
    assert person.client.post("/api/v1/auth/logout-everywhere").status_code == 204
    assert [c.get("/api/v1/me").status_code for c in (person.client, phone, stranger.client)] == [
        401,
        401,
        200,
    ]


def test_an_expired_session_is_refused() -> None:
    person = log_in()
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert person.client.get("/api/v1/me").status_code == 401


def test_redis_forgets_a_session_no_later_than_it_ends() -> None:
    token = _token(log_in())
    Session.objects.update(expires_at=timezone.now() + timedelta(seconds=3))
    assert sessions.find(token)
    assert 0 < redis.client().pttl(f"session:{digest(token)}") <= 3000
    Session.objects.update(expires_at=timezone.now() + timedelta(days=30))
    redis.client().flushdb()
    assert sessions.find(token)
    assert 0 < redis.client().ttl(f"session:{digest(token)}") <= sessions.CACHE_SECONDS


def test_a_session_lasts_thirty_days_and_its_token_is_stored_nowhere() -> None:
    token = _token(log_in())
    assert sessions.find(token)
    (row,) = Session.objects.values()
    assert timedelta(days=29, hours=23) < row["expires_at"] - timezone.now() <= timedelta(days=30)
    kept = [
        str(row),
        *redis.client().keys(),
        *map(str, redis.client().mget(redis.client().keys("session:*"))),
    ]
    assert not any(token in text for text in kept)


def test_tokens_count_and_end_while_redis_is_away() -> None:
    person = log_in()
    with without_redis():
        assert person.client.get("/api/v1/me").status_code == 200
        assert person.client.post("/api/v1/auth/logout").status_code == 204
        assert person.client.get("/api/v1/me").status_code == 401


def test_the_oldest_of_too_many_sessions_ends() -> None:
    person = log_in()
    user = User.objects.get(pk=person.id)
    others = [sessions.open_session(user=user).token for _ in range(sessions.MAX_LIVE - 1)]
    assert person.client.get("/api/v1/me").status_code == 200
    others.append(sessions.open_session(user=user).token)
    assert person.client.get("/api/v1/me").status_code == 401
    assert all(sessions.find(token) for token in others)


def test_a_blocked_user_is_out() -> None:
    person = log_in()
    assert person.client.get("/api/v1/me").status_code == 200
    services.block(user_id=person.id)
    assert person.client.get("/api/v1/me").status_code == 401
    # Even a session that was opened at the same moment.
    opened = sessions.open_session(user=User.objects.get(pk=person.id))
    assert sessions.find(opened.token) is None
    services.unblock(user_id=person.id)
    assert sessions.find(opened.token) is not None


def test_sessions_that_ended_long_ago_are_forgotten() -> None:
    old, recent = log_in(), log_in()
    Session.objects.filter(user_id=old.id).update(expires_at=timezone.now() - timedelta(days=8))
    Session.objects.filter(user_id=recent.id).update(expires_at=timezone.now() - timedelta(days=1))
    jobs.forget_sessions()
    assert list(Session.objects.values_list("user_id", flat=True)) == [recent.id]
