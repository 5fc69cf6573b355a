"""What a failure's words mean."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shopctl import paths
from shopctl.drivers import hints
from shopctl.drivers.engine_command import EngineCommand
from shopctl.errors import ShopctlError


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (
            "error: write /x/backend/.pulumi/stacks/shop/test.json: no space left on device",
            "the disk is full",
        ),
        ("OSError: [Errno 122] Disk quota exceeded", "the disk is full"),
        ("error: failed to decrypt: incorrect passphrase", "passphrase does not open"),
        ("error: the stack is currently locked by 1 lock(s)", "another engine works"),
        ("error: failed to load checkpoint: EOF", "state is damaged"),
        ("fork/exec: cannot allocate memory", "not enough memory"),
        ("[TencentCloudSDKError] Code=AuthFailure.SecretIdNotFound", "does not accept the keys"),
    ],
)
def test_words(said: str, what: str) -> None:
    hint = hints.of_words(said)
    assert hint is not None
    assert what in hint.what
    assert hint.next_step


def test_unknown_words_have_no_hint() -> None:
    assert hints.of_words("subnet 10.0.0.0/8 is not inside the VPC") is None
    assert hints.of_os_error(OSError(errno.ENOENT, "no such file")) is None
    assert hints.of_signal("the engine", 1) is None


def program(folder: Path, body: str) -> EngineCommand:
    file = folder / "pulumi"
    file.write_text(f"#!{sys.executable}\n{body}\n")
    file.chmod(0o755)
    return EngineCommand(file, folder / "engine.log")


def test_an_engine_that_is_killed_is_told_as_that(tmp_path: Path) -> None:
    engine = program(tmp_path, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(ShopctlError, match="the engine was ended by SIGKILL; the kernel does that") as caught:
        engine.run(["up"], str(tmp_path), {})
    assert caught.value.exit_status == -signal.SIGKILL
    assert "run the same command again" in str(caught.value.next_step)


def test_a_full_disk_does_not_leave_the_engine_without_a_reader(tmp_path: Path) -> None:
    (tmp_path / "engine.log").symlink_to("/dev/full")
    engine = program(tmp_path, "for n in range(200000): print('line', n)")
    assert engine.run(["up"], str(tmp_path), {}).stdout.endswith("line 199999")


def test_a_state_folder_without_space_is_told_in_clear_words(tmp_path: Path) -> None:
    """/dev/full refuses every write, as a full disk does."""
    state = tmp_path / "state/local"
    state.mkdir(parents=True)
    (state / "lease.partial").symlink_to("/dev/full")
    argv = [sys.executable, str(paths.REPOSITORY / "cli.py"), "--env", "local", "up", "--yes"]
    done = subprocess.run(
        argv,
        env={"PATH": "/usr/bin:/bin", "SHOPCTL_STATE_DIR": str(tmp_path / "state"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "error: the disk is full" in done.stderr
    assert "next: free some space" in done.stderr
    assert "Traceback" not in done.stderr
