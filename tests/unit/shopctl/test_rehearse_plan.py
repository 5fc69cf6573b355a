"""What a rehearsal needs, what it would do, and what it says to the host."""

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from shopctl.errors import BadInputError
from shopctl.migrations import Phases
from shopctl.rehearse import facts, place, planning, settings, sizing, source
from shopctl.rehearse.planning import Script
from shopctl.rehearse.sizing import Host, Size

GB = 1_000_000_000
HOST = Host(disk_free=50 * GB, disk_size=100 * GB, memory_free=8 * GB)
SIZE = Size(4 * GB, GB)
NEEDS = sizing.needs(SIZE, [100_000_000, 100_000_000], HOST, watching_seconds=20)
SCRIPT = Script(
    environment="local",
    running="aaa",
    wanted="bbb",
    phases=Phases(("orders.0002_add",), ("orders.0003_drop",)),
    source="the replica",
    size=SIZE,
    machine="ops-1",
    host=HOST,
    needs=NEEDS,
)


def test_room_is_for_the_copy_a_table_beside_it_and_the_images() -> None:
    assert NEEDS.disk == int(5 * GB * 1.3) + 600_000_000 + 800_000_000
    assert NEEDS.pool == 2 * GB
    assert NEEDS.memory == 3 * GB
    assert NEEDS.seconds == 553


def test_the_pool_is_never_too_small_nor_larger_than_useful() -> None:
    def pool(memory: int) -> int:
        return sizing.needs(SIZE, [], replace(HOST, memory_free=memory), watching_seconds=0).pool

    assert (pool(100_000_000), pool(100 * GB)) == (128_000_000, 4 * GB)
    assert sizing.needs(Size(10**6, 10**5), [], HOST, watching_seconds=0).pool == 128_000_000


def test_a_host_with_too_little_room_is_refused_before_anything_is_copied() -> None:
    assert planning.checked(SCRIPT) is SCRIPT
    small = Host(disk_free=NEEDS.disk + 4 * GB, disk_size=100 * GB, memory_free=2 * GB)
    with pytest.raises(BadInputError) as refused:
        planning.checked(replace(SCRIPT, host=small))
    disk, memory = refused.value.last_lines
    assert disk.startswith("disk: 7.9 GB for the copy")
    assert "11.9 GB are free, of which 5.0 GB stay so" in disk
    assert memory == "memory: 3.0 GB; 2.0 GB are free"


def test_the_plan_says_where_from_how_large_and_under_whose_load() -> None:
    plan = planning.plan(replace(SCRIPT, remains=True, warnings=("look here",)))
    assert plan.steps == (
        "remove what an earlier rehearsal left on ops-1",
        "copy 4,000 MB from the replica into a database of its own on ops-1",
        "under the load of aaa, which runs: orders.0002_add",
        "under the load of bbb: orders.0003_drop",
        "remove all of it again; about 553 s and the migrations' own time",
    )
    assert plan.warnings == ("look here",)
    assert not plan.empty


def test_without_pending_migrations_there_is_nothing_to_rehearse() -> None:
    plan = planning.plan(replace(SCRIPT, phases=Phases()))
    assert plan.empty
    assert plan.reason == "the database has every migration of release bbb"


def test_what_the_host_says_of_itself_is_read() -> None:
    assert facts.room("   Avail   1B-blocks\n 51  100\n") == (51, 100)
    assert (
        facts.memory("      total used free shared buff/cache available\nMem: 9 1 2 3 4 7\nSwap: 0 0 0\n")
        == 7
    )
    assert facts.applied("WARNING: no. 1\norders.0001_initial\nauth.0012_a\n") == (
        "orders.0001_initial",
        "auth.0012_a",
    )
    assert facts.measured("WARNING: something\n4000\t1000\n") == Size(4000, 1000)
    with pytest.raises(ValueError, match="nothing"):
        facts.measured("nothing")


def test_the_shop_on_trial_has_settings_that_it_takes_and_that_lead_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "app"))
    from shop.environment import read  # type: ignore[import-not-found, unused-ignore]

    variables = settings.variables("shop", "abc")
    found = read(variables)
    assert (found.mysql.host, found.mysql.replica_host) == ("/run/rehearsal/mysql.sock", "")
    leading = {value for name, value in variables.items() if name.endswith(("_HOST", "_ENDPOINT", "_API"))}
    assert leading == {
        "/run/rehearsal/mysql.sock",
        "127.0.0.1",
        "http://127.0.0.1:9000",
        "http://127.0.0.1:9001",
    }
    assert settings.variables("shop", "abc")["DJANGO_SECRET_KEY"] != variables["DJANGO_SECRET_KEY"]


def test_a_container_on_trial_has_no_network_and_only_the_sockets_of_the_host() -> None:
    argv = place.container("localhost/shop:abc", ["web"], name=place.SHOP)
    assert "--network=none" in argv
    assert [word for word in argv if word.startswith("--volume")] == [
        "--volume=/var/lib/containers/shop-rehearsal/sockets:/run/rehearsal"
    ]
    assert argv[-2:] == ("localhost/shop:abc", "web")
    assert {"--read-only", "--cap-drop=all"} < set(argv)


def test_everything_runs_in_one_slice_and_ends_by_itself() -> None:
    for argv in (place.started("x", ["true"]), place.run(["true"])):
        assert "--slice=shop-rehearsal.slice" in argv
        assert "--property=RuntimeMaxSec=4h" in argv


def test_the_database_speaks_by_its_socket_only_and_copies_tables_as_mysql_does() -> None:
    argv = place.server(128_000_000)
    assert {"--skip-networking", "--old-mode=LOCK_ALTER_TABLE_COPY", "--no-defaults"} < set(argv)


def test_mounts_go_the_innermost_first_and_only_our_own() -> None:
    said = (
        "/dev/vda /var/lib/containers ext4 rw 0 0\n"
        "overlay /var/lib/containers/shop-rehearsal/images/overlay ext4 rw 0 0\n"
        "shm /var/lib/containers/shop-rehearsal/images/overlay/x/shm tmpfs rw 0 0\n"
        "shm /var/lib/containers/storage/x/shm tmpfs rw 0 0\n"
    )
    assert place.unmount(said) == (
        "umount",
        "--lazy",
        "/var/lib/containers/shop-rehearsal/images/overlay/x/shm",
        "/var/lib/containers/shop-rehearsal/images/overlay",
    )
    assert place.unmount("/dev/vda / ext4 rw 0 0\n") is None


def test_no_password_is_among_the_words_of_a_command() -> None:
    dump = source.Dump("the replica", "10.0.0.1", 3306, "shop", "backup", "s3cret")
    for stream in (dump.measure(), dump.copy()):
        assert "s3cret" not in str(stream.commands)
        assert stream.environment == {"MYSQL_PWD": "s3cret"}
    assert "s3cret" not in repr(dump)
    assert "--single-transaction" in dump.copy().commands[0]


def run(tmp_path: Path, asked: str) -> tuple[int, str]:
    program = Path(place.__file__).parent / "inside/pipe.py"
    question, answer = tmp_path / "question", tmp_path / "answer"
    question.write_text(asked)
    reading, writing = os.open(question, os.O_RDONLY), os.open(answer, os.O_WRONLY | os.O_CREAT)
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, str(program)],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0), (os.POSIX_SPAWN_DUP2, writing, 1)],
    )
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), answer.read_text()


def test_a_stream_runs_into_its_reader_and_keeps_its_secret_to_itself(tmp_path: Path) -> None:
    tell = [sys.executable, "-c", "import os, sys; print(sys.stdin.read(), os.environ.get('SECRET'))"]
    hear = [sys.executable, "-c", "import os, sys; print(sys.stdin.read().strip(), os.environ.get('SECRET'))"]
    assert run(tmp_path, place.piped([tell], {"SECRET": "s"}, "hello")) == (0, "hello s\n")
    assert run(tmp_path, place.piped([tell], {"SECRET": "s"}, "hello", hear)) == (0, "hello s None\n")


def test_a_stream_that_breaks_off_is_a_failure_also_when_its_reader_is_content(tmp_path: Path) -> None:
    breaks = [sys.executable, "-c", "print('half'); raise SystemExit(3)"]
    reads = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    assert run(tmp_path, place.piped([breaks], {}, "", reads))[0] == 3
