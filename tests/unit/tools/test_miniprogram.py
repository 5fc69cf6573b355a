"""The mini-program's builds: made once, without a trace in the checkout, with a small program in place of npm."""

import json
import threading
from pathlib import Path

import pytest

from tools import miniprogram, node
from tools.errors import ToolError
from tools.paths import ROOT

NPM = """#!/bin/sh
echo "$@" >> "%(log)s"
[ "$1" = ci ] && { mkdir node_modules; exit 0; }
%(work)s
"""
BUILDS = "mkdir dist && cp project.config.json dist/ && echo made > dist/index.html"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mini-program of a few files."""
    source = tmp_path / "miniprogram"
    (source / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "src/app.ts"):
        (source / name).write_text("{}")
    (source / "project.config.json").write_text('{"appid": "touristappid"}')
    monkeypatch.setattr(miniprogram, "SOURCE", source)
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path / "cache"))
    for name in miniprogram.SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return source


@pytest.fixture
def log(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What npm was called with."""
    return npm(checkout, monkeypatch, BUILDS)


def npm(checkout: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> Path:
    log, command = checkout.parent / "npm.log", checkout.parent / "npm"
    command.write_text(NPM % {"log": log, "work": work})
    command.chmod(0o755)
    toolchain = node.Node(command, (str(command),), "v22.20.0", {})
    monkeypatch.setattr(node, "find", lambda: toolchain)
    return log


def calls(log: Path) -> list[str]:
    return log.read_text().splitlines()


def test_a_build_is_made_once(log: Path) -> None:
    first = miniprogram.build("h5")
    assert (first / "index.html").read_text() == "made\n"
    assert miniprogram.build("h5") == first
    assert [call.split()[0] for call in calls(log)] == ["ci", "run"]


def test_packages_run_no_scripts(log: Path) -> None:
    miniprogram.build("h5")
    assert "--ignore-scripts" in calls(log)[0]


def test_each_target_and_each_change_has_a_build_of_its_own(log: Path, checkout: Path) -> None:
    before = miniprogram.build("h5")
    weapp = miniprogram.build("weapp")
    (checkout / "src/app.ts").write_text("changed")
    assert len({before, weapp, miniprogram.build("h5")}) == 3
    assert [call for call in calls(log) if call.startswith("ci")] == [calls(log)[0]], "packages are the same"


def test_settings_make_another_build(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = miniprogram.build("weapp")
    monkeypatch.setenv("SHOP_API", "https://shop.example/api/v1")
    assert miniprogram.build("weapp") != before


def test_the_app_id_goes_into_the_project(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WECHAT_APP_ID", "wx1234567890abcdef")
    project = json.loads((miniprogram.build("weapp") / "project.config.json").read_text())
    assert project["appid"] == "wx1234567890abcdef"


def test_the_checkout_stays_as_it_is(log: Path, checkout: Path) -> None:
    before = sorted(checkout.rglob("*"))
    miniprogram.build("h5")
    assert sorted(checkout.rglob("*")) == before


def test_leftovers_of_other_tools_are_no_sources(log: Path, checkout: Path) -> None:
    before = miniprogram.build("h5")
    (checkout / "node_modules" / "x").mkdir(parents=True)
    (checkout / "node_modules" / "x" / "index.js").write_text("x")
    assert miniprogram.build("h5") == before


def test_two_at_once_build_once(log: Path) -> None:
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(miniprogram.build("h5"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 3
    assert len(set(paths)) == 1
    assert len(calls(log)) == 2


def test_a_failed_build_is_told_and_leaves_nothing(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(checkout, monkeypatch, "mkdir dist; echo 'TS2322: no such type' >&2; exit 3")
    with pytest.raises(ToolError) as caught:
        miniprogram.build("h5")
    assert "building for h5 failed with exit code 3" in str(caught.value)
    assert "TS2322: no such type" in str(caught.value)
    npm(checkout, monkeypatch, BUILDS)
    built = miniprogram.build("h5")
    assert (built / "index.html").exists()
    assert not list(built.parent.glob("work-*"))


def test_progress_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miniprogram, "HEARTBEAT_SECONDS", 0.1)
    npm(checkout, monkeypatch, f"sleep 1; {BUILDS}")
    lines: list[str] = []
    miniprogram.build("h5", lines.append)
    assert "mini-program: installing its packages with Node v22.20.0" in lines
    assert any("still building for h5" in line for line in lines)
    assert "built for h5 in" in lines[-1]


def test_command_line_refuses_unknown_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert miniprogram.main(["alipay"]) == 2
    assert "unknown: alipay" in capsys.readouterr().err


def test_the_lock_names_no_registry_and_hashes_everything() -> None:
    lock = json.loads((ROOT / "miniprogram" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 500
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [
        name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")
    ]


def test_direct_packages_are_pinned_to_a_version() -> None:
    package = json.loads((ROOT / "miniprogram" / "package.json").read_text())
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert not [name for name, version in versions.items() if not version[0].isdigit()]
