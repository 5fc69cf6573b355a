"""Small servers on loopback, so that the shop's own Redis and S3 clients speak over real sockets."""

import hashlib
import socket
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "unit-test-buyer-token-0001"


def closed_port() -> int:
    """A port of this machine where nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _RedisHandler(socketserver.StreamRequestHandler):
    server: "RedisServer"

    def handle(self) -> None:
        queued: list[list[str]] | None = None
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                length = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(length + 2)[:-2].decode())
            name = words[0].upper()
            if name == "MULTI":
                queued = []
                self._reply("OK")
            elif name == "EXEC":
                results = [self.server.run(command) for command in queued or []]
                queued = None
                self._reply(results)
            elif queued is not None:
                queued.append(words)
                self._reply("QUEUED")
            else:
                self._reply(self.server.run(words))

    def _reply(self, value: Any) -> None:
        self.wfile.write(self._encode(value))

    def _encode(self, value: Any) -> bytes:
        if value is None:
            return b"$-1\r\n"
        if isinstance(value, int):
            return b":%d\r\n" % value
        if isinstance(value, list):
            return b"*%d\r\n" % len(value) + b"".join(self._encode(item) for item in value)
        if value in {"OK", "PONG", "QUEUED"}:
            return f"+{value}\r\n".encode()
        content = str(value).encode()
        return b"$%d\r\n%s\r\n" % (len(content), content)


class RedisServer(socketserver.ThreadingTCPServer):
    """The few commands that the shop uses."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _RedisHandler)
        self.data: dict[str, Any] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def run(self, words: list[str]) -> Any:
        """Do one command."""
        name, *rest = words
        with self._lock:
            match name.upper():
                case "PING":
                    return "PONG"
                case "GET":
                    return self.data.get(rest[0])
                case "SET":
                    self.data[rest[0]] = rest[1]
                    return "OK"
                case "INCRBY":
                    self.data[rest[0]] = str(int(self.data.get(rest[0], "0")) + int(rest[1]))
                    return int(self.data[rest[0]])
                case "HSET":
                    fields = self.data.setdefault(rest[0], {})
                    fields[rest[1]] = rest[2]
                    return 1
                case "HGETALL":
                    pairs = self.data.get(rest[0], {}).items()
                    return [word for pair in pairs for word in pair]
                case "HDEL":
                    fields = self.data.get(rest[0], {})
                    return sum(fields.pop(field, None) is not None for field in rest[1:])
                case _:
                    return "OK"


class _StorageHandler(BaseHTTPRequestHandler):
    # boto3 asks before it sends (Expect: 100-continue), which HTTP 1.0 can not answer.
    protocol_version = "HTTP/1.1"
    server: "StorageServer"

    def do_HEAD(self) -> None:
        if self.path.count("/") == 1:
            self._answer(403)
            return
        stored = self.server.objects.get(self.path)
        if stored is None:
            self._answer(404)
            return
        content, headers = stored
        self._answer(200, {**headers, "ETag": f'"{hashlib.md5(content).hexdigest()}"'}, len(content))

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name: self.headers[name] for name in ("Content-Type", "Cache-Control")}
        self.server.objects[self.path] = (content, headers)
        self._answer(200, {"ETag": f'"{hashlib.md5(content).hexdigest()}"'})

    def _answer(self, status: int, headers: dict[str, str] | None = None, length: int = 0) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


class StorageServer(ThreadingHTTPServer):
    """Keeps what is put, with its headers, and says what it has."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _StorageHandler)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])
