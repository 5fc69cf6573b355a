"""Pictures over HTTP: what is taken, what is kept of it, and what WeChat's check makes of it."""

import io
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from core.drivers import storage
from tests.shop.conftest import Shop, forget_clients
from tests.shop.live import Live
from tests.shop.people import Person, known, log_in, work
from tests.shop.sandbox import Wechat
from uploads import jobs, selectors, services
from uploads.models import Upload

ADDRESS = "/api/v1/uploads"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A picture's bytes."""
    file = io.BytesIO()
    Image.new(mode, size, "red").save(file, kind, **options)
    return file.getvalue()


def send(person: Person, content: bytes, name: str = "a.jpg") -> Any:
    """Upload."""
    return person.client.post(ADDRESS, {"file": SimpleUploadedFile(name, content)})


def stored(shop: Shop, key: str) -> Image.Image:
    """The picture in the bucket."""
    found = storage.client().get_object(Bucket=shop.bucket, Key=key)
    assert found["ContentType"] == "image/jpeg"
    return Image.open(io.BytesIO(found["Body"].read()))


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("WEBP", "RGB")]
)
def test_each_format_is_kept_as_a_jpeg(shop: Shop, kind: str, mode: str) -> None:
    person = log_in()
    answer = send(person, picture(kind, mode=mode))
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["state"] == "checking"
    assert made["key"].startswith(f"u/{timezone.now():%Y%m}/")
    assert made["url"] == f"{settings.MEDIA_URL}{made['key']}"
    image = stored(shop, made["key"])
    assert (image.format, image.size) == ("JPEG", (64, 48))


def test_where_a_picture_was_taken_is_forgotten_and_it_stands_upright(shop: Shop) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 27.0)
    content = picture(size=(200, 100), exif=exif, comment=b"at home") + b"<?php hidden ?>"
    key = send(log_in(), content).json()["key"]
    image = stored(shop, key)
    assert image.size == (100, 200)
    assert not image.getexif()
    raw = storage.get(shop.bucket, key)
    assert not any(secret in raw for secret in (b"SecretPhone", b"at home", b"hidden"))


def test_a_large_picture_is_made_smaller(shop: Shop) -> None:
    key = send(log_in(), picture(size=(4000, 3000))).json()["key"]
    assert stored(shop, key).size == (1600, 1200)


def _bomb() -> bytes:
    """A PNG of 12,000 x 12,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)

    head = (12000).to_bytes(4) * 2 + bytes([1, 0, 0, 0, 0])
    pixels = zlib.compress(bytes(1501 * 12000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"\xff\xd8\xff\xe0 not a picture", id="only its beginning"),
        pytest.param(picture()[:400], id="cut off"),
        pytest.param(picture("GIF"), id="gif"),
        pytest.param(picture("PNG", (9, 9)), id="too small"),
        pytest.param(picture("PNG", (8001, 16)), id="too long"),
        pytest.param(picture("PNG", (5000, 5000), "L"), id="too many pixels"),
        pytest.param(_bomb(), id="bomb"),
    ],
)
def test_what_is_no_picture_is_refused(shop: Shop, content: bytes) -> None:
    answer = send(log_in(), content)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["field"] == "file"
    assert not Upload.objects.exists()


def test_too_many_bytes_are_refused(shop: Shop) -> None:
    answer = send(log_in(), b"\xff\xd8" + bytes(2 * 1024 * 1024))
    assert answer.status_code in (400, 413)
    assert answer.json()["error"]["field"] == "file"
    assert send(log_in(), bytes(3 * 1024 * 1024)).status_code == 413


def test_a_guest_and_a_form_without_a_file_are_refused(client: Client) -> None:
    assert client.post(ADDRESS, {"file": SimpleUploadedFile("a.jpg", picture())}).status_code == 401
    person = log_in()
    for answer in (
        person.client.post(ADDRESS, {"other": "x"}),
        person.client.post(ADDRESS, {"file": "text"}),
        person.client.post(ADDRESS, b"{}", content_type="application/json"),
    ):
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "invalid"


def test_each_user_may_upload_so_many_an_hour(shop: Shop) -> None:
    person, other, now = log_in(), log_in(), timezone.now()
    Upload.objects.bulk_create(
        Upload(key=f"u/{number}", user_id=person.id, created_at=now) for number in range(services.PER_HOUR)
    )
    answer = send(person, picture())
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_uploads")
    assert send(other, picture()).status_code == 201


def test_without_the_storage_uploads_say_so(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person = log_in()
    before = settings.SHOP
    away = replace(before, storage=replace(before.storage, endpoint="http://127.0.0.1:9"))
    monkeypatch.setattr(settings, "SHOP", away)
    storage.client.cache_clear()
    try:
        answer = send(person, picture())
    finally:
        monkeypatch.undo()
        forget_clients()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "uploads_unavailable")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("suggest", "state"), [("pass", "approved"), ("risky", "refused"), ("review", "checking")]
)
def test_wechat_is_asked_and_its_pushed_answer_decides(
    wechat: Wechat, live: Live, suggest: str, state: str
) -> None:
    wechat.push_to(f"{live.url}/api/v1/wechat/push")
    wechat.weather(media_suggest=suggest)
    made = send(known(wechat), picture()).json()
    assert not selectors.approved([made["key"]])
    assert work() == [services.CHECK]
    pushes = wechat.settled()["pushes"]
    assert [push["state"] for push in pushes] == ["delivered"], pushes
    assert Upload.objects.get(key=made["key"]).state == state
    assert selectors.approved([made["key"], "unknown", ""]) == (
        {made["key"]} if state == "approved" else set()
    )


def test_the_first_answer_counts(shop: Shop) -> None:
    Upload.objects.create(key="u/1.jpg", user_id=1, trace_id="t", created_at=timezone.now())
    assert services.answered(trace_id="t", approved=True)
    assert not services.answered(trace_id="t", approved=False)
    assert selectors.approved(["u/1.jpg"]) == {"u/1.jpg"}


def test_who_has_no_openid_is_not_asked_about(wechat: Wechat) -> None:
    key = send(log_in(""), picture()).json()["key"]
    work()
    assert Upload.objects.get().trace_id is None
    assert services.decide(key=key, approved=True)
    assert selectors.approved([key]) == {key}


def test_an_answer_that_is_faster_than_our_note_is_not_lost(wechat: Wechat) -> None:
    key = send(known(wechat), picture()).json()["key"]
    work()
    trace_id = Upload.objects.get().trace_id
    assert trace_id
    Upload.objects.update(trace_id=None)
    services.postpone_answer(trace_id=trace_id, approved=True)
    assert work() == [services.RESULT]
    services.asked(key=key, trace_id=trace_id)
    assert work() == [services.RESULT]
    assert selectors.approved([key]) == {key}
    services.postpone_answer(trace_id="never heard of", approved=True)
    rounds = [work() for _ in range(7)]
    assert rounds[4] == [services.RESULT]
    assert rounds[5:] == [[], []], "it is given up"


def test_pictures_without_an_answer_are_asked_about_again_but_not_for_ever(wechat: Wechat) -> None:
    key = send(known(wechat), picture()).json()["key"]
    work()
    jobs.ask_again()
    assert work() == [], "WeChat has half an hour"
    for round_ in range(services.ASKED_TIMES):
        ago = timezone.now() - timedelta(minutes=31)
        Upload.objects.update(asked_at=ago, created_at=ago)
        jobs.ask_again()
        jobs.ask_again()
        assert work() == [services.CHECK], round_
    Upload.objects.update(asked_at=timezone.now() - timedelta(minutes=31))
    jobs.ask_again()
    assert work() == []
    assert Upload.objects.get(key=key).state == "checking"


def test_only_ones_own_pictures_can_be_attached(shop: Shop) -> None:
    mine, other = log_in(), log_in()
    key = send(mine, picture()).json()["key"]
    assert selectors.owned(user_id=mine.id, keys=[key]) == {key}
    assert selectors.owned(user_id=other.id, keys=[key]) == set()
    services.decide(key=key, approved=False)
    assert selectors.owned(user_id=mine.id, keys=[key]) == set()
