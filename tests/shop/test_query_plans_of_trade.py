"""With many users, coupons and parcels, what is asked of them in requests reads no table from end to end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coupons import selectors as coupons
from coupons.models import Coupon, UserCoupon
from logistics import jobs as logistics_jobs
from logistics import selectors as logistics
from logistics.models import Shipment, TrackingEvent
from tests.shop.people import log_in
from users import jobs as users_jobs
from users import selectors as users
from users import sessions
from users.models import Address, Session, User

MANY = 3_000
LARGE = (User, Session, Address, Coupon, UserCoupon, Shipment, TrackingEvent)


@pytest.fixture
def crowd() -> int:
    """Many users, each with a session, an address, a coupon and a parcel; the id of one of them."""
    now = timezone.now()
    User.objects.bulk_create(User(openid=f"o{n}", phone=f"1{n:010d}", created_at=now) for n in range(MANY))
    ids = list(User.objects.values_list("pk", flat=True))
    later = now + timedelta(days=1)
    Session.objects.bulk_create(
        Session(user_id=pk, token_hash=f"{pk:064d}", created_at=now, expires_at=later) for pk in ids
    )
    Address.objects.bulk_create(
        Address(user_id=pk, name="王", phone="13800138000", province="广东", city="深圳", street="1 号")
        for pk in ids
    )
    fields = {"threshold_fen": 2, "discount_fen": 1, "total": 9}
    ended = {"valid_from": now - timedelta(days=2), "valid_until": now - timedelta(days=1)}
    Coupon.objects.bulk_create(Coupon(name=f"{n}", **fields, **ended) for n in range(MANY))
    coupon = Coupon.objects.create(
        name="now", **fields, valid_from=now - timedelta(days=1), valid_until=later
    )
    UserCoupon.objects.bulk_create(
        UserCoupon(coupon=coupon, user_id=pk, number=1, claimed_at=now) for pk in ids
    )
    Shipment.objects.bulk_create(
        Shipment(number=f"A{pk}", carrier="SF", tracking_number="SF1", items="货", shipped_at=now)
        for pk in ids
    )
    TrackingEvent.objects.bulk_create(
        TrackingEvent(shipment_id=pk, at=now, text="已揽收")
        for pk in Shipment.objects.values_list("pk", flat=True)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE TABLE {', '.join(model._meta.db_table for model in LARGE)}")
    return ids[MANY // 2]


def scans(act: Callable[[], object]) -> list[str]:
    """Steps of the plans of a call's queries that read a large table, or all of an index."""
    with CaptureQueriesContext(connection) as captured:
        act()
    found, large = [], {model._meta.db_table for model in LARGE}
    for sql in (query["sql"] for query in captured if query["sql"].startswith("SELECT")):
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            names = [column[0] for column in cursor.description]
            plan = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        wrong = [step for step in plan if step["table"] in large and step["type"] in ("ALL", "index")]
        found += [f"{step} in {sql}" for step in wrong if int(step["rows"]) > 100]
    return found


def test_no_query_reads_a_table_from_end_to_end(crowd: int) -> None:
    token = log_in().client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    sessions.redis.client().flushdb()
    user = User.objects.get(pk=crowd)
    asked: list[Callable[[], object]] = [
        lambda: sessions.find(token),
        lambda: sessions.open_session(user=user),
        lambda: sessions.revoke_all(user_id=crowd),
        lambda: users.addresses(user_id=crowd),
        lambda: users.by_openid("o7"),
        lambda: list(User.objects.filter(phone="10000000007")),
        lambda: users.profiles([crowd, crowd + 1]),
        users_jobs.forget_sessions,
        lambda: coupons.claimable(user_id=crowd),
        lambda: coupons.mine(user_id=crowd),
        lambda: coupons.usable(user_id=crowd, goods_fen=100),
        lambda: logistics.shipments(numbers=[f"A{crowd}"]),
        lambda: logistics.tracking(number=f"A{crowd}"),
        logistics_jobs.remind,
    ]
    assert [problem for act in asked for problem in scans(act)] == []
