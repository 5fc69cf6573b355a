"""Finding and building the tools, with small real programs in place of Go and of the tools."""

import os
import threading
from pathlib import Path

import pytest

from tools import build
from tools.catalog import TOOLS
from tools.errors import ToolError

GO = """#!/bin/sh
[ "$1" = env ] && { echo %(version)s; exit 0; }
echo "$@" >> "%(log)s"
%(work)s
"""
MAKES_OUTPUT = """while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
mkdir -p "$(dirname "$out")" && printf '#!/bin/sh\\necho v9\\n' > "$out" && chmod +x "$out"
"""


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the front of a PATH that has nothing else of ours."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def go(bin_dir: Path, work: str, version: str = "go1.26.8") -> Path:
    log = bin_dir.parent / "go.log"
    program(bin_dir / "go", GO % {"version": version, "log": log, "work": work})
    return log


def test_right_version_on_path_is_used(bin_dir: Path) -> None:
    program(bin_dir / "pulumi", "#!/bin/sh\necho v3.210.0\n")
    log = go(bin_dir, "exit 1")
    assert build.ensure("pulumi") == bin_dir / "pulumi"
    assert not log.exists()


def test_wrong_version_on_path_is_built_instead(bin_dir: Path) -> None:
    program(bin_dir / "pulumi", "#!/bin/sh\necho v3.211.0\n")
    go(bin_dir, MAKES_OUTPUT)
    path = build.ensure("pulumi")
    assert path.is_relative_to(bin_dir.parent / "cache")
    assert path.parent.name == "bin"
    assert os.access(path, os.X_OK)


def test_second_time_nothing_is_built(bin_dir: Path) -> None:
    log = go(bin_dir, MAKES_OUTPUT)
    first = build.ensure("versitygw")
    assert build.ensure("versitygw") == first
    assert len(log.read_text().splitlines()) == 1


def test_two_at_once_build_once(bin_dir: Path) -> None:
    log = go(bin_dir, "sleep 0.3\n" + MAKES_OUTPUT)
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(build.ensure("versitygw"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 3
    assert len(set(paths)) == 1
    assert len(log.read_text().splitlines()) == 1


def test_failed_build_says_what_and_what_next(bin_dir: Path) -> None:
    go(bin_dir, "seq 1 100; echo 'x.go:1: no space left on device' >&2; exit 3")
    with pytest.raises(ToolError) as caught:
        build.ensure("versitygw")
    message = str(caught.value)
    assert "Building versitygw 1.2.0 failed with exit code 3" in message
    assert "go build -mod=readonly -trimpath" in message
    assert "no space left on device" in message
    assert "Next: " in message
    assert "\n    3\n" not in message, "only the last lines"


def test_failed_build_leaves_nothing_that_looks_built(bin_dir: Path) -> None:
    go(bin_dir, MAKES_OUTPUT + "exit 1")
    with pytest.raises(ToolError):
        build.ensure("versitygw")
    assert not build.cached_path(TOOLS["versitygw"]).exists()
    go(bin_dir, MAKES_OUTPUT)
    assert build.ensure("versitygw").exists()


def test_files_that_upstream_generates_are_given(bin_dir: Path) -> None:
    version = "vendor/github.com/FerretDB/FerretDB/build/version"
    vendor = f'[ "$1" = mod ] && {{ mkdir -p {version}; exit 0; }}\ncat {version}/version.txt >> "$0.seen"\n'
    log = go(bin_dir, vendor + MAKES_OUTPUT)
    build.ensure("ferretdb")
    assert (bin_dir / "go.seen").read_text() == "v1.24.0\n"
    assert "mod vendor" in log.read_text()


def test_progress_is_told(bin_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "HEARTBEAT_SECONDS", 0.1)
    go(bin_dir, "sleep 1\n" + MAKES_OUTPUT)
    lines: list[str] = []
    build.ensure("versitygw", lines.append)
    assert lines[0] == "versitygw 1.2.0: building with go1.26.8"
    assert any("still building" in line for line in lines)
    assert lines[-1].startswith("versitygw 1.2.0: built in ")


def test_command_line_refuses_unknown_tools(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["terraform"]) == 2
    assert "unknown tool: terraform" in capsys.readouterr().err
