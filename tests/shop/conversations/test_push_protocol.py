"""Who pushes, and what: signatures, encryption, age and shapes, without any server."""

import json
from typing import Any

import pytest

from wechat import push
from wechat.crypt import Crypt, CryptError, signature
from wechat.push import Envelope, Event, PushError

TOKEN, APP, KEY, NOW = "AAAAA", "wx0000000000000000", "0" * 43, 1_714_036_504
CRYPT = Crypt(APP, KEY)
TEXT = {"MsgType": "text", "FromUserName": "o1", "CreateTime": NOW, "Content": "在吗", "MsgId": 7}


def plain(body: bytes, **query: str) -> Envelope:
    """A request as WeChat sends it in plain mode."""
    signed = {"timestamp": str(NOW), "nonce": "9", "signature": signature(TOKEN, str(NOW), "9")}
    return Envelope({**signed, **query}, body)


def safe(body: bytes, *, crypt: Crypt = CRYPT, xml: bool = False, **query: str) -> Envelope:
    """A request as WeChat sends it in safe mode."""
    encrypted = crypt.encrypt(body)
    sealed = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    signed = {"encrypt_type": "aes", "msg_signature": signature(TOKEN, str(NOW), "9", encrypted)}
    content = sealed.encode() if xml else json.dumps({"Encrypt": encrypted}).encode()
    return Envelope({**plain(b"").query, **signed, **query}, content)


def opened(envelope: Envelope, now: float = NOW) -> Event:
    """The event of a request."""
    return push.open_envelope(envelope, token=TOKEN, crypt=CRYPT, now=now, plain_too=True)


def test_a_plain_message_counts_only_where_it_is_wanted() -> None:
    with pytest.raises(PushError, match="safe mode"):
        push.open_envelope(plain(json.dumps(TEXT).encode()), token=TOKEN, crypt=CRYPT, now=NOW)
    assert push.open_envelope(safe(json.dumps(TEXT).encode()), token=TOKEN, crypt=CRYPT, now=NOW)


def test_the_vector_of_wechats_documents() -> None:
    query = {
        "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
        "timestamp": "1714036504",
        "nonce": "1514711492",
        "echostr": "4375120948345356249",
    }
    assert push.verify_address("AAAAA", query) == "4375120948345356249"
    for name in ("signature", "timestamp", "nonce"):
        with pytest.raises(PushError):
            push.verify_address("AAAAA", {**query, name: query[name][:-1] + "x"})
    with pytest.raises(PushError):
        push.verify_address("AAAAA", {**query, "signature": "ü"})


XML = (
    "<xml><FromUserName><![CDATA[o1]]></FromUserName><CreateTime>1714036504</CreateTime>"
    "<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[在吗]]></Content><MsgId>7</MsgId></xml>"
).encode()


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(plain(json.dumps(TEXT).encode()), id="plain json"),
        pytest.param(plain(XML), id="plain xml"),
        pytest.param(safe(json.dumps(TEXT).encode()), id="safe json"),
        pytest.param(safe(XML, xml=True), id="safe xml"),
    ],
)
def test_each_mode_tells_the_same(envelope: Envelope) -> None:
    event = opened(envelope)
    assert (event.kind, event.openid, event.created) == ("text", "o1", NOW)
    assert (event.text("Content"), event.text("MsgId"), event.text("none")) == ("在吗", "7", "")


def test_nested_xml_is_an_object() -> None:
    xml = b"<xml><result><suggest>pass</suggest><label>100</label></result><empty/></xml>"
    assert push.read(xml) == {"result": {"suggest": "pass", "label": "100"}, "empty": ""}


def test_an_event_has_its_name_in_its_kind() -> None:
    event = push.event({**TEXT, "MsgType": "event", "Event": "user_enter_tempsession"})
    assert event.kind == "event/user_enter_tempsession"


BODY = json.dumps(TEXT).encode()


@pytest.mark.parametrize(
    ("envelope", "now"),
    [
        pytest.param(plain(BODY, signature="0" * 40), NOW, id="wrong signature"),
        pytest.param(plain(BODY, nonce="8"), NOW, id="another nonce"),
        pytest.param(plain(BODY), NOW + 301, id="too old"),
        pytest.param(plain(BODY), NOW - 301, id="from the future"),
        pytest.param(plain(BODY, timestamp="soon"), NOW, id="no timestamp"),
        pytest.param(plain(BODY, timestamp="9" * 400), NOW, id="endless timestamp"),
        pytest.param(Envelope({}, BODY), NOW, id="nothing signed"),
        pytest.param(plain(b""), NOW, id="empty"),
        pytest.param(plain(b"[1]"), NOW, id="no object"),
        pytest.param(plain(b"{}"), NOW, id="nothing said"),
        pytest.param(plain(json.dumps({**TEXT, "FromUserName": "o" * 65}).encode()), NOW, id="endless name"),
        pytest.param(plain(json.dumps({**TEXT, "FromUserName": {}}).encode()), NOW, id="no name"),
        pytest.param(plain(json.dumps({**TEXT, "CreateTime": "x"}).encode()), NOW, id="no time"),
        pytest.param(plain(json.dumps({**TEXT, "CreateTime": 10**10}).encode()), NOW, id="after all time"),
        pytest.param(plain(json.dumps({**TEXT, "MsgType": "event"}).encode()), NOW, id="nameless event"),
        pytest.param(plain(b"<xml><a>"), NOW, id="broken xml"),
        pytest.param(plain(b"<xml>" + b"<a/>" * 300 + b"</xml>"), NOW, id="endless xml"),
        pytest.param(plain(b'<!DOCTYPE x [<!ENTITY a "b">]><xml>&a;</xml>'), NOW, id="entities"),
        pytest.param(plain(b"[" * 60_000), NOW, id="deep json"),
        pytest.param(plain(b"\xff\xfe"), NOW, id="no text"),
        pytest.param(safe(BODY, msg_signature="0" * 40), NOW, id="wrong signature of the message"),
        pytest.param(safe(BODY, nonce="8"), NOW, id="another nonce in safe mode"),
        pytest.param(safe(BODY, crypt=Crypt("wx1111111111111111", KEY)), NOW, id="another app"),
        pytest.param(safe(BODY, crypt=Crypt(APP, "1" * 43)), NOW, id="another key"),
        pytest.param(Envelope(safe(BODY).query, BODY), NOW, id="not encrypted at all"),
    ],
)
def test_what_is_refused(envelope: Envelope, now: float) -> None:
    with pytest.raises(PushError):
        opened(envelope, now)


def test_a_plain_signature_does_not_open_the_safe_mode() -> None:
    envelope = safe(BODY)
    with pytest.raises(PushError):
        opened(Envelope({**envelope.query, "msg_signature": envelope.query["signature"]}, envelope.body))


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 31, 32, 33, 1000])
def test_what_is_encrypted_is_decrypted(length: int) -> None:
    message = bytes(range(256)) * 4
    assert CRYPT.decrypt(CRYPT.encrypt(message[:length])) == message[:length]


@pytest.mark.parametrize("broken", ["", "!", "AAAA", "A" * 64, "A" * 43 + "=", "é"])
def test_what_is_not_encrypted_as_agreed(broken: str) -> None:
    with pytest.raises(CryptError):
        CRYPT.decrypt(broken)


def test_who_wants_an_event_gets_it_and_nobody_is_no_error() -> None:
    got: list[Any] = []
    event = push.event(TEXT)
    assert push.dispatch(event, {"text": got.append})
    assert got == [event]
    assert not push.dispatch(event, {"image": got.append})
