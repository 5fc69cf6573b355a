"""`preview` of the environments in the cloud: with the provider's plugin on PATH, and without; the real engine runs.

In place of the cloud's provider stands the region's own, in its fast mode, which makes nothing.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shopctl import paths
from shopctl.report import Report
from tools.build import ensure


class _Quiet(Report):
    def __init__(self) -> None:
        super().__init__(quiet=True)


@pytest.fixture(scope="module")
def engine() -> Path:
    return ensure("pulumi", _Quiet())


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder of PATH with the plugin in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "pulumi-resource-tencentcloud"
    start = f"cd {paths.REPOSITORY} && exec {sys.executable} -m region.plugin --fast"
    program.write_text(f'#!/bin/sh\n{start} "$@"\n')
    program.chmod(0o755)
    return folder


def shopctl(
    engine: Path, folder: Path, *words: str, path: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TENCENTCLOUD", "AWS", "PULUMI"))}
    environ = {
        **kept,
        "SHOPCTL_STATE_DIR": str(folder / "state"),
        "SHOPCTL_CACHE_DIR": str(folder / "cache"),
        "SHOPCTL_PULUMI": str(engine),
        "PULUMI_HOME": str(folder / "home"),
        "PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"],
        **variables,
    }
    argv = [sys.executable, str(paths.REPOSITORY / "cli.py"), *words]
    return subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_the_whole_plan_is_shown_with_any_keys_and_no_bucket(
    environment: str, engine: Path, plugins: Path, tmp_path: Path
) -> None:
    # An endpoint that refuses at once: whether a name of the internet resolves is not this test's business.
    done = shopctl(
        engine,
        tmp_path,
        "--env",
        environment,
        "preview",
        path=plugins,
        TENCENTCLOUD_SECRET_ID="AKIDmadeup",
        TENCENTCLOUD_SECRET_KEY="madeup",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    assert done.returncode == 0, done.stderr
    assert f"Plan: up {environment}" in done.stdout
    for line in (
        "create  Mysql.Instance",
        "create  Clb.Instance",
        "create  Cos.Bucket",
        "create  Redis.Instance",
    ):
        assert line in done.stdout
    assert "STATE NOT READABLE: planned as from nothing" in done.stdout
    assert "PLACEHOLDERS for settings that are not there: mysqlRootPassword" in done.stdout
    assert not list((tmp_path / "state").rglob("Pulumi.*.yaml")), "placeholders stay nowhere"


def test_without_the_plugin_it_says_how_to_install_it(engine: Path, tmp_path: Path) -> None:
    done = shopctl(engine, tmp_path, "--env", "production", "preview")
    assert done.returncode == 1
    assert "the provider's plugin tencentcloud 0.2.3 is not installed" in done.stderr
    assert "pulumi plugin install resource tencentcloud 0.2.3 --server github://" in done.stderr
    assert "into a folder of PATH" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_plugin_is_found_where_pulumi_installs_it(engine: Path, plugins: Path, tmp_path: Path) -> None:
    folder = tmp_path / "home/plugins/resource-tencentcloud-v0.2.3"
    folder.parent.mkdir(parents=True)
    plugins.rename(folder)
    done = shopctl(engine, tmp_path, "--env", "production", "preview")
    assert done.returncode == 0, done.stderr
    assert "create  Mysql.Instance" in done.stdout


def test_a_plan_from_nothing_is_never_kept(engine: Path, plugins: Path, tmp_path: Path) -> None:
    done = shopctl(
        engine, tmp_path, "--env", "production", "preview", "--save", str(tmp_path / "plan"), path=plugins
    )
    assert done.returncode == 2
    assert "can't be kept" in done.stderr
    assert not (tmp_path / "plan").exists()


def test_up_refuses_without_the_secrets(engine: Path, plugins: Path, tmp_path: Path) -> None:
    done = shopctl(engine, tmp_path, "--env", "production", "up", "--yes", path=plugins)
    assert done.returncode != 0
    assert "TENCENTCLOUD_SECRET_ID" in done.stderr or "lacks settings" in done.stderr
