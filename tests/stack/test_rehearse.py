"""Migrations on a copy of the database: what they would do is seen beforehand, and nothing that serves hears of it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.stack import releases
from tests.stack.conftest import ENVIRONMENT, REPOSITORY, Stack, shopctl
from tests.stack.shoppers import shopping

ADDS = "migrations.AddField('order', 'gift_note', models.CharField(max_length=40, null=True))"
LOCKS = "migrations.RunSQL(['LOCK TABLES orders_order WRITE', 'DO SLEEP(12)', 'UNLOCK TABLES'], migrations.RunSQL.noop)"
BREAKS = "migrations.RunSQL('ALTER TABLE users_user DROP COLUMN nickname', migrations.RunSQL.noop)"


def rehearsed(release: str, *, expect: int = 0) -> dict[str, Any]:
    """What the command told, and that it left nothing on the host."""
    told = dict(json.loads(shopctl("deploy", release, "--rehearse", "--yes", "--json", expect=expect)))
    assert remains() == []
    return told


def remains() -> list[str]:
    """What a rehearsal has on the ops host."""
    units = shopctl(
        "run", "ops", "--", "systemctl", "list-units", "--all", "--plain", "--no-legend", "shop-rehearsal*"
    )
    files = shopctl(
        "run",
        "ops",
        "--",
        "find",
        "/var/lib/containers",
        "/run",
        "-maxdepth",
        "1",
        "-name",
        "shop-rehearsal*",
    )
    mounts = shopctl("run", "ops", "--", "cat", "/proc/mounts")
    lines = [*units.splitlines(), *files.splitlines(), *mounts.splitlines()]
    return [line for line in lines if "shop-rehearsal" in line]


def applied(stack: Stack) -> set[str]:
    """The migrations that the database has."""
    (version,) = releases.serving()
    argv = ["podman", "exec", f"--env-file=/etc/shop/{version}/migrator.env", "--env=SHOP_GROUP=all"]
    argv.append(f"shop-trade-{version}")
    said = shopctl("run", "web-1", "--", *argv, "python", "manage.py", "showmigrations", "--plan")
    return {line.split()[-1] for line in said.splitlines() if "[X]" in line}


def test_a_good_migration_is_told_with_its_times_and_nothing_that_serves_hears_of_it(
    stack: Stack, tmp_path: Path
) -> None:
    release = releases.migrating(tmp_path / "app", "0100_adds", ADDS)
    before = (releases.serving(), applied(stack))
    with shopping() as told:
        found = rehearsed(release)
    assert found["good"], found["verdict"]["reasons"]
    (migration,) = found["verdict"]["migrations"]
    assert (migration["name"], migration["phase"]) == ("orders.0100_adds", "pre")
    assert migration["stall"] <= 2 + found["verdict"]["calm"][0]["longest"]
    assert found["verdict"]["calm"][0]["requests"] > 50
    assert found["copied_bytes"] > 0
    assert (releases.serving(), applied(stack)) == before
    told.assert_kept()
    assert told.failed == 0, told.report["troubles"]
    entries = json.loads(shopctl("journal", "--json"))
    entry = next(entry for entry in reversed(entries) if entry["operation"] == "rehearse")
    assert entry["outcome"] == "succeeded"
    assert entry["evidence"]["verdict"] == found["verdict"]


def test_a_migration_that_keeps_buyers_waiting_is_no_good(stack: Stack, tmp_path: Path) -> None:
    found = rehearsed(releases.migrating(tmp_path / "app", "0100_locks", LOCKS), expect=1)
    (migration,) = found["verdict"]["migrations"]
    assert migration["stall"] > 5
    assert "order" in migration["stalled"].lower()
    assert migration["lock_wait"] > 3
    assert found["verdict"]["reasons"][0].startswith("orders.0100_locks kept")


def test_a_migration_that_the_running_code_does_not_survive_is_no_good(stack: Stack, tmp_path: Path) -> None:
    found = rehearsed(releases.migrating(tmp_path / "app", "0100_breaks", BREAKS), expect=1)
    errors = {error["name"]: error["first"] for error in found["verdict"]["errors"]}
    assert "GET /me" in errors
    assert "Unknown column" in errors["model users.User read"]


def test_a_post_deploy_migration_is_played_under_the_new_code(stack: Stack, tmp_path: Path) -> None:
    release = releases.migrating(tmp_path / "app", "0100_breaks", BREAKS, "post_deploy = True")
    found = rehearsed(release, expect=1)
    assert [calm["release"] for calm in found["verdict"]["calm"]] == [release]
    assert found["verdict"]["reasons"][0].startswith(
        f"{release} fails around the migrations that follow its deploy"
    )


def test_what_a_killed_rehearsal_leaves_is_removed_by_the_next(stack: Stack, tmp_path: Path) -> None:
    release = releases.migrating(tmp_path / "app", "0100_adds", ADDS)
    argv = [sys.executable, str(REPOSITORY / "cli.py"), "--env", ENVIRONMENT]
    with subprocess.Popen(
        [*argv, "deploy", release, "--rehearse", "--yes"], stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    ) as running:
        assert running.stderr
        for line in running.stderr:
            if "under the load of" in line and "==>" in line:
                time.sleep(3)
                running.send_signal(signal.SIGKILL)
                break
    assert remains() != []
    assert rehearsed(release)["good"]


def test_without_pending_migrations_there_is_nothing_to_rehearse(stack: Stack) -> None:
    (release,) = releases.releases(releases.serving())
    found = rehearsed(release)
    assert "has every migration" in found["reason"]
    assert found["verdict"] is None
