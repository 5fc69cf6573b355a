"""A customer and the staff talk: over the API, and in WeChat's own chat."""

import io
import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from conversations import selectors, services
from conversations.models import Conversation, Message
from conversations.services import Words
from outbox import Unprocessable
from tests.shop.live import Live
from tests.shop.people import Person, known, log_in, work
from tests.shop.sandbox import Wechat
from uploads import services as uploads
from uploads.models import Upload
from users.models import User
from wechat import token
from wechat.crypt import Crypt, signature
from wechat.errors import WechatUnavailableError

TALK, WRITE, PUSH = "/api/v1/conversation", "/api/v1/conversation/messages", "/api/v1/wechat/push"


def write(person: Person, **body: Any) -> Any:
    """Write to the staff."""
    return person.client.post(WRITE, json.dumps(body), content_type="application/json")


def talk(person: Person, after: int | None = None) -> dict[str, Any]:
    """What the customer sees."""
    answer = person.client.get(TALK if after is None else WRITE, {} if after is None else {"after": after})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def push(fields: Mapping[str, Any], *, at: float | None = None) -> Any:
    """WeChat pushes something, in safe mode."""
    shop, now = settings.SHOP.push, str(int(at or time.time()))
    content = {"ToUserName": "gh_1", "CreateTime": int(time.time()), **fields}
    encrypted = Crypt(shop.app_id, shop.aes_key).encrypt(json.dumps(content).encode())
    query = {
        "timestamp": now,
        "nonce": "1",
        "encrypt_type": "aes",
        "msg_signature": signature(shop.token, now, "1", encrypted),
    }
    return Client().post(
        PUSH, json.dumps({"Encrypt": encrypted}), content_type="application/json", query_params=query
    )


def says(openid: str, text: str, identifier: int, **fields: Any) -> Any:
    """What WeChat pushes when a person writes in its own chat."""
    return push({"FromUserName": openid, "MsgType": "text", "Content": text, "MsgId": identifier, **fields})


def sent(wechat: Wechat) -> list[dict[str, Any]]:
    """The answers that reached WeChat's chat."""
    return [one["body"] for one in wechat.ledger()["messages"] if one["kind"] == "custom"]


def answer(text: str = "", image_key: str = "") -> None:
    """The staff answers in the only talk, and the worker does its work."""
    words = Words(text=text, image_key=image_key)
    services.answer(conversation_id=Conversation.objects.get().pk, staff="小王", words=words)
    work()


def test_a_talk_over_the_api(wechat: Wechat) -> None:
    person = known(wechat)
    assert talk(person) == {"items": [], "open_until": None}
    assert not Conversation.objects.exists(), "looking makes nothing"
    first = write(person, kind="text", text="  有货吗？ ")
    assert first.status_code == 201, first.content
    assert {**first.json(), "id": 0, "at": ""} == {
        "id": 0, "from": "customer", "kind": "text", "text": "有货吗？", "image_url": "", "at": "",
    }  # fmt: skip
    services.answer(conversation_id=Conversation.objects.get().pk, staff="小王", words=Words(text="有"))
    assert [(one["from"], one["text"]) for one in talk(person)["items"]] == [
        ("customer", "有货吗？"),
        ("staff", "有"),
    ]
    (new,) = talk(person, first.json()["id"])["items"]
    assert new["text"] == "有"
    assert talk(person, new["id"])["items"] == []
    assert talk(known(wechat))["items"] == [], "talks are one's own"


def test_long_talks_are_read_in_pieces_and_by_few_queries(wechat: Wechat) -> None:
    person = known(wechat)
    write(person, kind="text", text="0")
    identifier = Conversation.objects.get().pk
    for number in range(1, 120):
        Message.objects.create(
            conversation_id=identifier, sender="staff", kind="text", text=str(number), at=timezone.now()
        )
    assert [one["text"] for one in talk(person)["items"]] == [str(number) for number in range(70, 120)]
    seen, after = [], 0
    while found := talk(person, after)["items"]:
        assert len(found) <= 50
        seen += [one["text"] for one in found]
        after = found[-1]["id"]
    assert seen == [str(number) for number in range(120)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        talk(person)
    assert len(queries) <= 3, [query["sql"] for query in queries]


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "text"},
        {"kind": "text", "text": "   "},
        {"kind": "text", "text": "长" * 1001},
        {"kind": "text", "text": "a\u0007"},
        {"kind": "image"},
        {"kind": "image", "text": "a"},
        {"kind": "text", "text": "a", "image_key": "u/1.jpg"},
        {"kind": "image", "image_key": "u/not-mine.jpg"},
        {"kind": "video", "text": "a"},
        {"kind": "text", "text": "a", "from": "staff"},
    ],
)
def test_bad_messages_are_refused(wechat: Wechat, body: dict[str, Any]) -> None:
    answer = write(known(wechat), **body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["code"] == "invalid"
    assert not Message.objects.exists()


def test_nobody_talks_without_logging_in(client: Client) -> None:
    assert client.get(TALK).status_code == 401
    assert (
        client.post(WRITE, {"kind": "text", "text": "a"}, content_type="application/json").status_code == 401
    )
    for after in (-1, 2**64, "x"):
        assert log_in().client.get(WRITE, {"after": after}).status_code == 400


def test_risky_texts_are_refused_and_without_wechat_texts_are_taken(wechat: Wechat) -> None:
    person = known(wechat)
    refused = write(person, kind="text", text="违禁")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "content_refused")
    wechat.weather(down=True)
    assert write(person, kind="text", text="在吗").status_code == 201
    assert len(talk(person)["items"]) == 1


def test_so_many_messages_a_minute(wechat: Wechat) -> None:
    person = known(wechat)
    codes = [write(person, kind="text", text="a").status_code for _ in range(services.PER_MINUTE + 1)]
    assert codes == [201] * services.PER_MINUTE + [429]
    Message.objects.update(at=timezone.now() - timedelta(minutes=2))
    assert write(person, kind="text", text="a").status_code == 201


def test_a_picture_is_shown_unless_it_was_refused(wechat: Wechat) -> None:
    person = known(wechat)
    Upload.objects.create(key="u/1.jpg", user_id=person.id, created_at=timezone.now())
    made = write(person, kind="image", image_key="u/1.jpg").json()
    assert made["image_url"] == "https://cdn.test/media/u/1.jpg"
    uploads.decide(key="u/1.jpg", approved=False)
    assert talk(person)["items"][0]["image_url"] == ""


def test_many_write_at_once_and_a_reader_misses_none(wechat: Wechat) -> None:
    person = known(wechat)
    write(person, kind="text", text="first")
    identifier = Conversation.objects.get().pk

    def add(number: int) -> None:
        services.answer(conversation_id=identifier, staff="", words=Words(text=str(number)))
        connections.close_all()

    seen: list[str] = []
    after = 0
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(add, number) for number in range(30)]
        while len(seen) < 31:
            done = all(one.done() for one in waiting)
            found = talk(person, after)["items"]
            seen += [one["text"] for one in found]
            after = found[-1]["id"] if found else after
            assert found or not done, f"{31 - len(seen)} messages were passed by"
    assert len(set(seen)) == 31


def test_unread_messages_are_counted_until_they_are_read(wechat: Wechat) -> None:
    person = known(wechat)
    ids = [write(person, kind="text", text=text).json()["id"] for text in ("a", "b", "c")]
    conversation = Conversation.objects.get()
    assert (conversation.unread, conversation.last_text, selectors.unread_talks()) == (3, "c", 1)
    services.read(conversation_id=conversation.pk, up_to=ids[1])
    assert Conversation.objects.get().unread == 1, "c came while the staff was reading"
    services.read(conversation_id=conversation.pk, up_to=ids[2])
    assert selectors.unread_talks() == 0


def test_words_in_wechats_chat_arrive_once(wechat: Wechat) -> None:
    person = known(wechat)
    for _ in range(3):
        answer = says(person.openid, "你好", 6001)
        assert (answer.status_code, answer.content) == (200, b"success")
    found = talk(person)
    assert [(one["from"], one["text"]) for one in found["items"]] == [("customer", "你好")]
    assert found["open_until"]
    assert Conversation.objects.get().unread == 1


def test_repeated_pushes_at_the_same_time_arrive_once(wechat: Wechat) -> None:
    person = known(wechat)

    def attempt(_: int) -> int:
        try:
            return int(says(person.openid, "你好", 6001).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(attempt, range(6))) == {200}
    assert Message.objects.count() == 1


def test_who_wrote_in_wechat_before_logging_in_finds_the_talk(wechat: Wechat) -> None:
    says("o-stranger", "有人吗", 1)
    person = log_in("o-stranger")
    assert talk(person)["items"] == []
    write(person, kind="text", text="是我")
    assert [one["text"] for one in talk(person)["items"]] == ["有人吗", "是我"]
    assert Conversation.objects.count() == 1


def test_two_talks_become_one_when_the_phone_and_the_openid_are_the_same_person(wechat: Wechat) -> None:
    phone = log_in("")
    write(phone, kind="text", text="by phone")
    says("o-late", "in WeChat", 1)
    User.objects.filter(pk=phone.id).update(openid="o-late")
    says("o-late", "again", 2)
    (conversation,) = Conversation.objects.all()
    assert [one["text"] for one in talk(phone)["items"]] == ["by phone", "in WeChat", "again"]
    assert conversation.unread == 3


def test_an_answer_goes_to_wechat_while_its_window_is_open(wechat: Wechat, live: Live) -> None:
    person = known(wechat)
    wechat.push_to(f"{live.url}{PUSH}")
    wechat.write(person.name, "你好")
    assert [push["state"] for push in wechat.settled()["pushes"]] == ["delivered"]
    assert [one["text"] for one in talk(person)["items"]] == ["你好"]
    answer("您好")
    assert sent(wechat) == [{"touser": person.openid, "msgtype": "text", "text": {"content": "您好"}}]
    assert Message.objects.latest("id").delivery == "sent"
    for number in range(5):
        answer(str(number))
    assert len(sent(wechat)) == 5, "WeChat takes five answers"
    assert Message.objects.latest("id").delivery == "closed"
    wechat.write(person.name, "再问")
    wechat.settled()
    answer("好")
    assert len(sent(wechat)) == 6


def test_what_wechat_refuses_is_shown_in_the_mini_program_all_the_same(wechat: Wechat) -> None:
    person = known(wechat)
    says(person.openid, "WeChat knows nothing of this", 1)
    answer("a")
    assert Message.objects.latest("id").delivery == "closed"
    Conversation.objects.update(openid="o-unknown-to-wechat")
    answer("b")
    assert Message.objects.latest("id").delivery == "failed"
    assert [one["text"] for one in talk(person)["items"]][1:] == ["a", "b"]


def test_after_48_hours_nothing_is_pushed(wechat: Wechat) -> None:
    person = known(wechat)
    wechat.write(person.name, "你好")
    says(person.openid, "你好", 1, CreateTime=int(time.time()) - 49 * 3600)
    assert talk(person)["open_until"] is None
    answer("a")
    assert sent(wechat) == []
    assert Message.objects.latest("id").delivery == "closed"


def test_who_wanted_to_be_told_is_told_of_an_answer_when_the_window_is_shut(wechat: Wechat) -> None:
    person = known(wechat)
    write(person, kind="text", text="在吗")
    settings.SHOP = replace(settings.SHOP, wechat=replace(settings.SHOP.wechat, reply_template="template-1"))
    wechat.consent(person.name, "template-1")
    text = "在的，\n有什么可以帮您？请把订单号发给我们看看"
    answer(text)
    assert Message.objects.latest("id").delivery == "notified"
    (told,) = [one["body"] for one in wechat.ledger()["messages"] if one["kind"] == "subscribe"]
    assert told["touser"] == person.openid
    assert told["data"]["thing1"]["value"] == " ".join(text.split())[:20]
    answer("还在吗？")
    assert Message.objects.latest("id").delivery == "closed", "they wanted to be told once"


def test_while_wechat_is_away_an_answer_waits(wechat: Wechat) -> None:
    person = known(wechat)
    wechat.write(person.name, "你好")
    says(person.openid, "你好", 1)
    wechat.weather(down=True)
    with pytest.raises(WechatUnavailableError):
        answer("a")
    assert Message.objects.latest("id").delivery == "waiting"
    wechat.weather()
    work()
    assert Message.objects.latest("id").delivery == "sent"


def jpeg() -> bytes:
    """A picture's bytes."""
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "JPEG")
    return file.getvalue()


@contextmanager
def keeping(content: bytes, kind: str) -> Iterator[str]:
    """WeChat's store of what people sent, with one file in it; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith("/cgi-bin/media/get?")
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def fetch(content: bytes, kind: str) -> None:
    """The worker gets a picture from WeChat."""
    token.current()
    before = settings.SHOP
    with keeping(content, kind) as address:
        settings.SHOP = replace(before, wechat=replace(before.wechat, api=address))
        try:
            work()
        finally:
            settings.SHOP = before


def test_pictures_go_both_ways(wechat: Wechat) -> None:
    person = known(wechat)
    wechat.write(person.name, image_url="http://wx.test/1.jpg")
    push({"FromUserName": person.openid, "MsgType": "image", "PicUrl": "x", "MediaId": "m1", "MsgId": 9})
    (line,) = talk(person)["items"]
    assert (line["kind"], line["image_url"]) == ("image", "")
    fetch(jpeg(), "image/jpeg")
    assert talk(person)["items"][0]["image_url"].startswith("https://cdn.test/media/u/")
    assert Upload.objects.get().user_id == person.id
    mine = uploads.accept(user_id=None, content=jpeg())
    answer(image_key=mine.key)
    assert [body["msgtype"] for body in sent(wechat)] == ["image"]
    assert talk(person)["items"][1]["image_url"] == f"https://cdn.test/media/{mine.key}"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b'{"errcode": 40007, "errmsg": "gone"}', "application/json"), (b"no", "image/jpeg")],
)
def test_a_picture_that_can_not_be_fetched_is_given_up(wechat: Wechat, content: bytes, kind: str) -> None:
    person = known(wechat)
    push({"FromUserName": person.openid, "MsgType": "image", "PicUrl": "x", "MediaId": "m1", "MsgId": 9})
    with pytest.raises(Unprocessable):
        fetch(content, kind)
    assert talk(person)["items"][0]["image_url"] == ""


def test_entering_opens_a_window_of_a_minute(wechat: Wechat) -> None:
    person = known(wechat)
    push({"FromUserName": person.openid, "MsgType": "event", "Event": "user_enter_tempsession"})
    assert talk(person)["open_until"]
    says(person.openid, "你好", 1)
    Conversation.objects.update(pushed=2)
    push({"FromUserName": person.openid, "MsgType": "event", "Event": "user_enter_tempsession"})
    assert Conversation.objects.get().pushed == 2, "the window of 48 hours goes on"


@pytest.mark.parametrize(
    ("suggest", "state"), [("pass", "approved"), ("risky", "refused"), ("review", "checking")]
)
def test_the_check_of_a_picture_is_pushed(wechat: Wechat, suggest: str, state: str) -> None:
    Upload.objects.create(key="u/1.jpg", user_id=1, trace_id="t1", created_at=timezone.now())
    event = {"FromUserName": "o1", "MsgType": "event", "Event": "wxa_media_check", "trace_id": "t1"}
    for _ in range(2):
        assert push({**event, "result": {"suggest": suggest, "label": 100}}).content == b"success"
    assert Upload.objects.get().state == state


def test_what_is_not_from_wechat_changes_nothing(wechat: Wechat) -> None:
    body = {"FromUserName": "o1", "MsgType": "text", "Content": "x", "MsgId": 1, "CreateTime": 1}
    forged = Client().post(PUSH, json.dumps(body), content_type="application/json")
    assert (forged.status_code, forged.json()["error"]["code"]) == (403, "push_refused")
    assert push(body, at=time.time() - 600).status_code == 403
    assert push({"FromUserName": "o1", "MsgType": "text", "Content": "x"}).status_code == 403
    assert not Conversation.objects.exists()
    assert push({"FromUserName": "o1", "MsgType": "event", "Event": "something_new"}).content == b"success"


def test_the_address_is_verified() -> None:
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    answer = Client().get(PUSH, query)
    assert (answer.status_code, answer.content) == (200, b"4375120948345356249")
    assert answer["Content-Type"].startswith("text/plain")
    assert Client().get(PUSH, {**query, "nonce": "1"}).status_code == 403
    assert Client().get(PUSH).status_code == 403
