"""What has to be said before an environment is deleted."""

import pytest

from shopctl.confirm import enough
from shopctl.errors import BadInputError


@pytest.mark.parametrize(
    ("yes", "typed", "guarded"),
    [(True, None, False), (True, "staging", True), (False, None, True), (True, "staging", False)],
)
def test_enough(yes: bool, typed: str | None, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    enough("staging", yes, typed, guarded=guarded)


def test_yes_alone_is_not_enough_where_data_is_guarded() -> None:
    with pytest.raises(BadInputError, match="--yes alone does not delete production") as caught:
        enough("production", True, None, guarded=True)
    assert "--confirm production" in str(caught.value.next_step)


@pytest.mark.parametrize("guarded", [True, False])
def test_another_environments_name_is_refused(guarded: bool) -> None:
    with pytest.raises(BadInputError, match="--confirm staging does not name the environment"):
        enough("production", True, "staging", guarded=guarded)


def test_without_a_terminal_somebody_has_to_have_said_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(BadInputError, match="nobody is there to confirm"):
        enough("local", False, None, guarded=False)
