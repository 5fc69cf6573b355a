"""Which Go is good enough."""

import pytest

from tools import golang


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.26.8", (1, 26, 8)), ("go1.25\n", (1, 25)), ("devel go1.27-abc", None), ("", None)],
)
def test_parse_version(text: str, version: tuple[int, ...] | None) -> None:
    assert golang.parse_version(text) == version


def test_old_go_on_path_is_not_used(tmp_path, monkeypatch) -> None:
    go = tmp_path / "go"
    go.write_text("#!/bin/sh\necho go1.22.4\n")
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(golang, "_from_wheel", lambda: golang.Go(tmp_path, "the wheel's", {}))
    assert golang.find().version == "the wheel's"


def test_go_may_not_fetch_another_go(tmp_path, monkeypatch) -> None:
    go = tmp_path / "go"
    go.write_text('#!/bin/sh\n[ "$GOTOOLCHAIN" = local ] && echo go1.26.0\n')
    go.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = golang.find()
    assert (found.command, found.version) == (go, "go1.26.0")
    assert found.environment["GOTOOLCHAIN"] == "local"
