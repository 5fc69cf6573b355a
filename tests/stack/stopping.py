"""Run in a container of the shop: its web server with a slow application, told to stop amid requests. Prints JSON."""

import json
import signal
import socket
import subprocess
import threading
import time
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


def ask(seconds: float) -> str:
    """The first line of the answer, or what went wrong."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        try:
            connection.connect(str(SOCKET))
            connection.sendall(f"GET /?{seconds} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(100).decode().partition("\r\n")[0] or "closed"
        except OSError as error:
            return type(error).__name__


def main() -> None:
    """Twelve requests for two threads, then SIGTERM, then one more."""
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
    clients = [threading.Thread(target=lambda: answers.append(ask(0.3))) for _ in range(12)]
    for client in clients:
        client.start()
    time.sleep(0.15)
    server.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    late = ask(0)
    for client in clients:
        client.join()
    told = {"mode": mode, "answers": answers, "late": late, "code": server.wait(10), "left": SOCKET.exists()}
    print(json.dumps(told))


main()
