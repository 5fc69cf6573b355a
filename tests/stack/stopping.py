"""Run in a container of the shop: its web server with a slow application, told to stop amid requests. Prints JSON."""

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = Path("/tmp/stopping")
SOCKET = FOLDER / "web.sock"
APPLICATION = """
import time

def application(environ, begin):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    begin("200 OK", [("Content-Type", "text/plain")])
    return [b"done"]
"""


def ask(seconds: float, asked: Callable[[], None] = lambda: None) -> str:
    """The first line of the answer, or what went wrong. `asked` is called when the request has been sent."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        try:
            connection.connect(str(SOCKET))
            connection.sendall(f"GET /?{seconds} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            asked()
            return connection.recv(100).decode().partition("\r\n")[0] or "closed"
        except OSError as error:
            return type(error).__name__


def knock() -> str:
    """Whether somebody new is let in, or what happens to them."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(SOCKET))
            return "let in"
        except OSError as error:
            return type(error).__name__


def taken() -> bool:
    """Whether the server has accepted every connection there is."""
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()]
    # Of a connection that nobody has accepted the kernel says SS_CONNECTING (net/unix/af_unix.c).
    return not any(words[-1] == str(SOCKET) and words[5] == "02" for words in lines)


def main() -> None:
    """Twelve requests for two threads, then SIGTERM, then somebody new until they are refused."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "slow.py").write_text(APPLICATION)
    script = Path("/srv/shop/bin/web").read_text().replace("/srv/shop shop.wsgi", f"{FOLDER} slow")
    (FOLDER / "web").write_text(script)
    environment = {"PATH": "/opt/venv/bin:/usr/bin:/bin", "SHOP_SOCKET": str(SOCKET), "SHOP_WEB_THREADS": "2"}
    # What a killed one leaves.
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(SOCKET))
    server = subprocess.Popen(["sh", str(FOLDER / "web")], env=environment)
    while ask(0) != "HTTP/1.1 200 OK":
        time.sleep(0.1)
    mode = oct(SOCKET.stat().st_mode & 0o777)
    answers: list[str] = []
    sent = threading.Semaphore(0)
    clients = [threading.Thread(target=lambda: answers.append(ask(0.3, sent.release))) for _ in range(12)]
    for client in clients:
        client.start()
    for _ in clients:
        sent.acquire(timeout=30)
    while not taken():
        time.sleep(0.01)
    time.sleep(0.15)
    server.send_signal(signal.SIGTERM)
    while (late := knock()) == "let in" and any(client.is_alive() for client in clients):
        time.sleep(0.02)
    waiting = sum(client.is_alive() for client in clients)
    for client in clients:
        client.join()
    told = {"mode": mode, "answers": answers, "late": late, "waiting": waiting}
    print(json.dumps({**told, "code": server.wait(30), "left": SOCKET.exists()}))


main()
