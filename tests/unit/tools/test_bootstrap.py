"""The bootstrap: what it links, what it leaves alone, and what it says when it cannot go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap, system
from tools.errors import ToolError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with empty lock files, so that its virtualenv is made in a moment."""
    root = tmp_path / "checkout"
    (root / "requirements").mkdir(parents=True)
    for name in ("build.lock", "dev.lock"):
        (root / "requirements" / name).write_text("")
    (root / "cli.py").write_text("def main() -> int:\n    print('the shop')\n    return 0\n")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    monkeypatch.setattr(bootstrap, "LOCKS", root / "requirements")
    monkeypatch.setenv("SHOPCTL_CACHE_DIR", str(tmp_path / "cache"))
    return root


def test_command_of_the_checkout_runs_from_the_virtualenv(checkout: Path) -> None:
    bootstrap.prepare_virtualenv()
    assert (checkout / ".venv").is_symlink()
    answer = subprocess.run(
        [checkout / ".venv/bin/shopctl"], capture_output=True, text=True, check=True, cwd="/"
    )
    assert answer.stdout == "the shop\n"


def test_changed_lock_makes_another_virtualenv(checkout: Path) -> None:
    bootstrap.prepare_virtualenv()
    before = (checkout / ".venv").resolve()
    (checkout / "requirements" / "dev.lock").write_text("# newer\n")
    bootstrap.prepare_virtualenv()
    assert (checkout / ".venv").resolve() != before


def test_interrupted_virtualenv_is_made_again(checkout: Path) -> None:
    bootstrap.prepare_virtualenv()
    home = (checkout / ".venv").resolve()
    (home / "complete").unlink()
    (home / "bin" / "shopctl").unlink()
    bootstrap.prepare_virtualenv()
    assert (home / "bin" / "shopctl").exists()


def test_folder_of_somebody_else_is_kept(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = checkout / ".venv"
    (own / "bin").mkdir(parents=True)
    (own / "precious").write_text("mine")
    bootstrap.prepare_virtualenv()
    assert (own / "precious").read_text() == "mine"
    assert not own.is_symlink()
    assert "keeping .venv" in capsys.readouterr().err


def test_package_without_a_hash_is_refused(checkout: Path) -> None:
    (checkout / "requirements" / "dev.lock").write_text("six==1.17.0\n")
    with pytest.raises(ToolError, match="hash"):
        bootstrap.prepare_virtualenv()
    assert not (checkout / ".venv").exists()


def test_missing_packages_without_root_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/apt-get")
    with pytest.raises(ToolError, match="sudo apt-get install mmdebstrap podman"):
        system.install(["mmdebstrap", "podman"])


def test_only_what_the_machine_lacks_is_missing() -> None:
    there = system.Package("there", system.file("/"))
    gone = system.Package("gone", system.file("/nonexistent/file"))
    assert system.missing((there, gone, system.Package("python", system.module("json")))) == ["gone"]


@pytest.mark.parametrize(
    ("words", "wanted"), [([], ["for-all"]), (["--tests"], ["for-all", "for-tests"])], ids=["up", "tests"]
)
def test_a_browser_is_installed_for_the_tests_only(
    monkeypatch: pytest.MonkeyPatch, words: list[str], wanted: list[str]
) -> None:
    installed: list[str] = []
    gone = system.file("/nonexistent/file")
    monkeypatch.setattr(system, "PACKAGES", (system.Package("for-all", gone),))
    monkeypatch.setattr(system, "FOR_TESTS", (system.Package("for-tests", gone),))
    monkeypatch.setattr(system, "install", installed.extend)
    monkeypatch.setattr(bootstrap, "prepare_virtualenv", lambda: None)
    assert bootstrap.main(words) == 0
    assert installed == wanted


def test_tools_need_nothing_but_python() -> None:
    """They run before the virtualenv exists: -S -I leaves the standard library alone."""
    code = f"import sys; sys.path.insert(0, {str(Path(bootstrap.__file__).parent.parent)!r})\n"
    code += "import tools.bootstrap, tools.build, tools.clean, tools.lock, tools.miniprogram"
    subprocess.run([sys.executable, "-S", "-I", "-c", code], check=True)
