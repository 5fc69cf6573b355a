"""Runs in a container of the shop that is on trial: sends requests, uses every model, and watches for locks.

It is sent there as text and stands on what the image has: the standard library, Django and the shop's own modules. It
prints one JSON object a line until the file named `stop` is there. Times are this host's clock, in seconds.
"""

import http.client
import json
import socket
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import django

PAUSE = 0.05
TIMEOUT = 60.0
STARTING = 60.0
DUPLICATE = 1062
ADDRESS = {"name": "彩排", "phone": "13800000000", "province": "广东", "city": "广州", "street": "1"}
REFUSALS = frozenset({409, 429})
"""What the shop may answer to somebody who has done nothing wrong: sold out, too often."""

_printing = threading.Lock()


class UnexpectedAnswerError(Exception):
    """The shop answered with something else than what was asked for."""


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        """Opens the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(self._path)


class Shopper:
    """Somebody who has logged in."""

    def __init__(self, path: str, token: str = "") -> None:
        self._path = path
        self._token = token

    def ask(self, method: str, address: str, body: object = None) -> Any:
        """The answer's content; None for a refusal. Raises UnexpectedAnswerError, OSError, HTTPException."""
        headers = {"Host": "localhost", "X-Forwarded-Proto": "https", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = str(uuid.uuid4())
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        connection = Connection(self._path)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v1{address}", text, headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        if answer.status in REFUSALS:
            return None
        if not 200 <= answer.status < 300:
            raise UnexpectedAnswerError(f"{answer.status} {content[:160]}")
        return json.loads(content) if content else {}


def tell(**what: object) -> None:
    """One line."""
    with _printing:
        sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def main(settings: dict[str, Any]) -> None:
    """Load until told to stop."""
    django.setup()
    wait_for(settings["socket"])
    shopper = Shopper(settings["socket"], registered())
    steps = [*requests(shopper), *models()]
    threads = [
        *(threading.Thread(target=repeat, args=(group, settings["stop"])) for group in dealt(steps)),
        threading.Thread(target=watch, args=(settings["stop"],)),
    ]
    tell(started=time.time(), steps=[name for name, _ in steps])
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


Step = tuple[str, Callable[[], object]]


def dealt(steps: list[Step]) -> list[list[Step]]:
    """A thread for each request, as one that waits must not hide another; some for all of the models."""
    asked = [[step] for step in steps if not step[0].startswith("model ")]
    used = [step for step in steps if step[0].startswith("model ")]
    return [*asked, *(part for part in (used[0::2], used[1::2]) if part)]


def repeat(steps: list[Step], stop: str) -> None:
    """One after the other, again and again."""
    while True:
        for name, step in steps:
            if Path(stop).exists():
                return
            began, said = time.time(), ""
            try:
                step()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
                said = f"{type(error).__name__}: {error}"[:240]
            tell(name=name, at=began, seconds=round(time.time() - began, 4), said=said)
            time.sleep(PAUSE)


def wait_for(path: str) -> None:
    """Until the shop answers. Raises its last error when it does not."""
    limit = time.monotonic() + STARTING
    while True:
        try:
            Shopper(path).ask("GET", "/client")
        except (OSError, http.client.HTTPException, UnexpectedAnswerError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)
        else:
            return


def registered() -> str:
    """A new user's token: there is no WeChat here that could log anybody in."""
    from django.utils import timezone

    users, sessions = import_module("users.models"), import_module("users.sessions")

    name = f"rehearsal-{uuid.uuid4().hex[:16]}"
    user = users.User.objects.create(openid=name, nickname="彩排", created_at=timezone.now())
    return str(sessions.open_session(user=user).token)


def requests(shopper: Shopper) -> Iterator[Step]:
    """What buyers do. The cart is not among it: it is in Redis, which no migration touches."""
    products = [found["id"] for found in shopper.ask("GET", "/products?page_size=20")["items"]]
    address = shopper.ask("POST", "/me/addresses", ADDRESS)["id"]
    turn = count()

    def page() -> None:
        shopper.ask("GET", f"/products?page={next(turn) % 5 + 1}&page_size=10")

    def address_of_a_friend() -> None:
        made = shopper.ask("POST", "/me/addresses", ADDRESS)
        if made:
            shopper.ask("DELETE", f"/me/addresses/{made['id']}")

    yield "GET /home", lambda: shopper.ask("GET", "/home")
    yield "GET /products", page
    yield "GET /search", lambda: shopper.ask("GET", f"/search?q=a{next(turn) % 50}")
    yield "GET /me", lambda: shopper.ask("GET", "/me")
    yield "GET /orders", lambda: shopper.ask("GET", "/orders")
    yield "POST /me/addresses", address_of_a_friend
    if not products:
        return

    def product() -> list[dict[str, Any]]:
        found = shopper.ask("GET", f"/products/{products[next(turn) % len(products)]}")
        return list(found["skus"])

    skus = [sku["id"] for _ in products for sku in product()]

    def items() -> list[dict[str, int]]:
        return [{"sku_id": skus[next(turn) % len(skus)], "quantity": 1}]

    yield "GET /products/{id}", product
    yield (
        "POST /checkout",
        lambda: shopper.ask("POST", "/checkout", {"address_id": address, "items": items()}),
    )
    yield "POST /orders", lambda: shopper.ask("POST", "/orders", {"address_id": address, "items": items()})


def models() -> Iterator[Step]:
    """Reading and writing a row of every table as this release knows it; nothing of it stays."""
    from django.apps import apps

    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            yield f"model {model._meta.label} read", partial(read, model)
            yield f"model {model._meta.label} write", partial(write, model)


def read(model: Any) -> None:
    """Every column of a row."""
    list(model._base_manager.using("default").all()[:1])


def write(model: Any) -> None:
    """The same row once more, and it is taken back. A table that forbids that has been written to all the same."""
    from django.db import IntegrityError, models, transaction

    with undone(transaction):
        rows = model._base_manager.using("default")
        row = rows.first()
        if row is None:
            list(rows.select_for_update())
            return
        if isinstance(model._meta.pk, models.AutoField):
            row.pk = None
        row._state.adding = True
        try:
            with transaction.atomic(using="default"):
                models.Model.save_base(row, raw=True, using="default", force_insert=True)
        except IntegrityError as error:
            if error.args[0] != DUPLICATE:
                raise


@contextmanager
def undone(transaction: Any) -> Iterator[None]:
    """Nothing that is done inside stays."""
    with transaction.atomic(using="default"):
        yield
        transaction.set_rollback(True, using="default")


def watch(stop: str) -> None:
    """Who waits for a table's metadata, ten times a second."""
    from django.db import connection

    with connection.cursor() as cursor:
        while not Path(stop).exists():
            cursor.execute(
                "SELECT time_ms / 1000, info FROM information_schema.processlist "
                "WHERE state LIKE '%%metadata lock%%' ORDER BY time_ms DESC"
            )
            if waiting := cursor.fetchall():
                longest, statement = waiting[0]
                tell(
                    waiting=len(waiting),
                    at=time.time(),
                    seconds=float(longest),
                    statement=str(statement or "")[:200],
                )
            time.sleep(0.1)


if __name__ == "__main__":
    try:
        main(json.loads(sys.argv[1]))
    except Exception:  # noqa: BLE001 - the operator's side reads it from here
        tell(failed=traceback.format_exc()[-1500:])
        sys.exit(1)
