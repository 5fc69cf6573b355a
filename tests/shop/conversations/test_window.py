"""When WeChat's chat takes answers, without any server."""

from datetime import UTC, datetime, timedelta

import pytest

from conversations.window import Contact, may_answer, open_until

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


def ago(**past: float) -> datetime:
    """A moment before now."""
    return NOW - timedelta(**past)


@pytest.mark.parametrize(
    ("contact", "until"),
    [
        pytest.param(Contact(None, None, 0), None, id="nothing ever happened"),
        pytest.param(Contact(ago(hours=1), None, 0), NOW + timedelta(hours=47), id="wrote an hour ago"),
        pytest.param(Contact(ago(hours=48), None, 0), None, id="48 hours are over"),
        pytest.param(Contact(ago(hours=47.99), None, 4), NOW + timedelta(hours=0.01), id="the fifth answer"),
        pytest.param(Contact(ago(hours=1), None, 5), None, id="a sixth answer"),
        pytest.param(Contact(None, ago(seconds=59), 1), NOW + timedelta(seconds=1), id="has just come in"),
        pytest.param(Contact(None, ago(seconds=60), 0), None, id="came in a minute ago"),
        pytest.param(Contact(None, ago(seconds=5), 2), None, id="a third answer to who came in"),
        pytest.param(Contact(ago(hours=50), ago(seconds=5), 0), NOW + timedelta(seconds=55), id="came back"),
        pytest.param(Contact(ago(hours=1), ago(seconds=5), 3), NOW + timedelta(hours=47), id="both"),
    ],
)
def test_window(contact: Contact, until: datetime | None) -> None:
    assert open_until(contact, NOW) == until
    assert may_answer(contact, NOW) == (until is not None)
