"""A kept connection against a server that does what servers do at the worst moment."""

import json
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from shopctl.drivers.http_session import Address, NoAnswerError, Session, make_room
from shopctl.errors import ShopctlError

Script = Callable[[socket.socket], None]
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"ok":true}'


def read_request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        chunk = connection.recv(65536)
        if not chunk:
            return got
        got += chunk
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line[15:]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def server(*scripts: Script) -> Iterator[tuple[str, list[bytes]]]:
    """Each connection that comes gets the next script; the requests that were read."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for script in scripts:
                connection, _ = listening.accept()
                with connection:
                    seen.append(read_request(connection))
                    script(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", seen
    thread.join(5)


def answer(content: bytes) -> Script:
    return lambda connection: connection.sendall(content)


def session(url: str, timeout: float = 30.0) -> Session:
    return Session(Address(url), timeout=timeout)


def test_json_goes_out_and_comes_in_over_one_connection() -> None:
    def twice(connection: socket.socket) -> None:
        connection.sendall(OK)
        seen.append(read_request(connection))
        connection.sendall(OK)

    with server(twice) as (url, seen):
        line = session(url)
        first = line.request("POST", "/a", headers={"X-One": "1"}, body={"name": "手机壳"})
        second = line.request("GET", "/b", headers={})
        line.close()
    assert (first.status, first.body, second.body) == (200, {"ok": True}, {"ok": True})
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"name": "手机壳"}
    assert b"X-One: 1" in head
    assert seen[1].startswith(b"GET /b HTTP/1.1")


def test_the_name_of_the_url_is_asked_for_at_another_address() -> None:
    with server(answer(OK)) as (url, seen):
        port = url.rpartition(":")[2]
        line = Session(Address(f"http://shop.test:{port}", "127.0.0.1"), timeout=30)
        assert line.request("GET", "/", headers={}).status == 200
        line.close()
    assert f"Host: shop.test:{port}".encode() in seen[0]


def test_a_connection_that_was_closed_meanwhile_is_made_again_before_anything_is_sent() -> None:
    closed = threading.Event()

    def once(connection: socket.socket) -> None:
        connection.sendall(OK)
        connection.shutdown(socket.SHUT_RDWR)
        closed.set()

    with server(once, answer(OK)) as (url, seen):
        line = session(url)
        line.request("GET", "/a", headers={})
        assert closed.wait(5)
        assert line.request("POST", "/b", headers={}, body={}).status == 200
        line.close()
    assert [request.split()[1] for request in seen] == [b"/a", b"/b"]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (lambda connection: connection.shutdown(socket.SHUT_RDWR), "reset"),
        # Until the other side hangs up.
        (lambda connection: connection.recv(1), "timeout"),
        (answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "garbled"),
        (answer(b"nonsense\r\n\r\n"), "garbled"),
        (answer(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<htm"), "garbled"),
    ],
    ids=["hung up", "silent", "torn", "no HTTP", "no JSON"],
)
def test_an_answer_that_does_not_come_says_why(script: Script, code: str) -> None:
    with server(script) as (url, _):
        line = session(url, timeout=0.3 if code == "timeout" else 30)
        with pytest.raises(NoAnswerError) as caught:
            line.request("GET", "/", headers={})
        line.close()
    assert caught.value.code == code
    assert "/" in caught.value.what


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NoAnswerError) as caught:
        session(f"http://127.0.0.1:{port}").request("GET", "/", headers={})
    assert caught.value.code == "refused"


def test_a_proxy_refuses_in_html() -> None:
    with server(answer(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>")) as (url, _):
        line = session(url)
        reply = line.request("GET", "/", headers={})
        line.close()
    assert (reply.status, reply.body) == (502, None)


def test_an_answer_without_a_body() -> None:
    with server(answer(b"HTTP/1.1 204 No Content\r\n\r\n")) as (url, _):
        line = session(url)
        assert line.request("POST", "/", headers={}).body is None
        line.close()


def test_files_come_as_they_are_or_not_at_all() -> None:
    missing = answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    with server(answer(OK), missing) as (url, _):
        line = session(url)
        assert line.fetch("/bill", headers={}) == b'{"ok":true}'
        line.close()
        with pytest.raises(ShopctlError, match="404"):
            line.fetch("/none", headers={})


@pytest.mark.parametrize("url", ["shop.test", "ftp://shop.test", "https://"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ShopctlError, match="not an http"):
        session(url)


def test_more_connections_than_the_system_allows_are_refused_with_a_way_out() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    make_room(10)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)
    if hard != resource.RLIM_INFINITY:
        with pytest.raises(ShopctlError, match="more than this system allows"):
            make_room(hard + 1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)
