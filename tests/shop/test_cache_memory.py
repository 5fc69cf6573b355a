"""Answers kept in the process for a second."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from core import memory


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


class View:
    """Counts its calls."""

    def __init__(self, status: int = 200) -> None:
        self.calls = 0
        self._status = status

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.calls += 1
        return HttpResponse(b"%d" % self.calls, status=self._status)


def get(view: memory.View, address: str = "/a?b=1") -> bytes:
    return bytes(view(RequestFactory().get(address)).content)  # type: ignore[attr-defined]


def test_an_address_is_answered_again_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(memory.time, "monotonic", lambda: now[0])
    view = View()
    remembered = memory.remembered(view)
    assert [get(remembered), get(remembered), get(remembered, "/a?b=2")] == [b"1", b"1", b"2"]
    now[0] += memory.SECONDS + 0.01
    assert get(remembered) == b"3"


def test_forgetting_counts_at_once() -> None:
    remembered = memory.remembered(View())
    assert get(remembered) == b"1"
    memory.forget()
    assert get(remembered) == b"2"


def test_a_refusal_is_not_kept() -> None:
    view = View(404)
    remembered = memory.remembered(view)
    get(remembered)
    get(remembered)
    assert view.calls == 2


def test_addresses_that_a_client_makes_up_take_bounded_memory() -> None:
    remembered = memory.remembered(View())
    for number in range(memory.LIMIT * 2):
        get(remembered, f"/a?b={number}")
    assert len(memory._kept) == memory.LIMIT


def test_an_answer_from_memory_is_counted_and_not_written_about(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    memory.forget()
    with caplog.at_level("INFO", logger="shop.request"):
        first, second = client.get("/api/v1/categories"), client.get("/api/v1/categories")
    assert first.content == second.content
    assert [record.message for record in caplog.records if record.name == "shop.request"] == ["request"]
