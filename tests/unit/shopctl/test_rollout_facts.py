"""What web hosts say of themselves is read as it is meant."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from shopctl.rollout import commands, facts
from shopctl.rollout.facts import HostFacts, Version


def told(version: str, **more: object) -> str:
    release, _, settings = version.partition("-")
    return json.dumps(
        {"version": version, "release": release, "settings": settings, "image": "i", **more}, indent=4
    )


def test_versions_are_read_from_one_file_after_the_other_oldest_first() -> None:
    newer = told("b-2", groups=["trade"], warm={"trade": ["/x"]}, memory_limit_mb=512, host="shop.test")
    said = f"200.5 {newer}\n100.25 {told('a-1', groups=[])}\n"
    assert facts.versions(said) == {
        "a-1": Version("a-1", "a", "1", "i"),
        "b-2": Version("b-2", "b", "2", "i", "shop.test", 512, ("trade",), {"trade": ("/x",)}),
    }
    assert list(facts.versions(said)) == ["a-1", "b-2"]
    assert facts.versions("") == {}


def test_a_description_that_was_not_written_to_its_end_is_none() -> None:
    whole = told("b-2", groups=[])
    assert list(facts.versions(f"1.0 {{\n\n2.0 {whole}\n")) == []
    assert list(facts.versions(f'1.0 {{"strange": 1\n}}\n2.0 {whole}\n')) == ["b-2"]


def test_links_tell_who_serves() -> None:
    said = "trade.sock /run/shop/b-2/trade.sock\nuser.sock /run/shop/a-1/user.sock\nodd /tmp/x\n"
    assert facts.serving(said) == {"trade": "b-2", "user": "a-1"}


def test_containers_and_their_descriptions_have_the_same_names() -> None:
    assert facts.units("shop-trade-b-2\nother\nshop-worker-a-1\n") == {("trade", "b-2"), ("worker", "a-1")}
    assert facts.units("shop-trade-b-2.container\n") == {("trade", "b-2")}


def test_images_are_found_by_their_release() -> None:
    assert facts.images("b 1f\na 2e\nb 3d\n 4c\n") == {"b": ("1f", "3d"), "a": ("2e",)}


def test_requests_are_open_while_a_connection_is_or_waits_to_be_taken() -> None:
    trade, user = "/run/shop/a-1/trade.sock", "/run/shop/a-1/user.sock"
    said = (
        f"u_str LISTEN 2 1024 {trade} 1 * 0\nu_str ESTAB 0 0 {trade} 2 * 3\nu_str ESTAB 0 0 * 3 * 2\n"
        f"u_str LISTEN 0 1024 {user} 4 * 0\nu_dgr UNCONN 0 0 /run/x 5 * 0\n"
    )
    assert facts.open_requests(said, {trade}) == 3
    assert facts.open_requests(said, {user}) == 0


def test_systemd_tells_how_often_it_started_a_unit_anew() -> None:
    said = "NRestarts=3\nId=shop-trade-a-1.service\n\nNRestarts=0\nId=shop-user-a-1.service\n"
    assert facts.restarts(said) == {"shop-trade-a-1.service": 3, "shop-user-a-1.service": 0}


def test_of_a_log_the_shops_own_lines_are_told() -> None:
    engine = [
        "13:44 container died b10b (image=x)",
        "conmon b10b <nwarn>: no cgroups",
        "ab" * 32,
        " ",
        "shop-trade-a-1.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED",
        "Starting shop-trade-a-1.service - The shop's trade processes...",
    ]
    assert facts.telling([engine[0], "cannot start: no spell", *engine[1:]]) == ["cannot start: no spell"]


def test_of_the_shops_json_the_errors_are_told_with_their_cause() -> None:
    good = '{"level": "info", "message": "request", "path": "/api/v1/client"}'
    bad = (
        '{"level": "error", "message": "request failed", "path": "/api/v1/home", '
        '"exception": "Traceback:\\n  File x\\nRuntimeError: broken"}'
    )
    assert facts.telling([good, bad]) == ["error: request failed: /api/v1/home: RuntimeError: broken"]


def test_versions_that_serve_that_are_needed_and_the_newest_stay() -> None:
    versions = {name: Version(name, name[0], name[2], "") for name in ("a-1", "b-1", "c-1", "d-1", "e-1")}
    host = HostFacts("web-1", versions, {"trade": "a-1"}, frozenset({("trade", "a-1")}))
    assert facts.surplus(host, keep=2, needed=["b-1"]) == ("c-1",)
    assert facts.surplus(host, keep=5, needed=[]) == ()
    assert facts.surplus(host, keep=3, needed=[], unwanted=["e-1", "a-1"]) == ("e-1",), "what serves stays"


def test_what_served_before_is_told_with_its_time() -> None:
    said = "1795900000.5000000000 /etc/shop/0123456789ab-01234567\n1795900001.0 /etc/shop/b-1\n"
    assert facts.served(said) == {"0123456789ab-01234567": 1795900000.5, "b-1": 1795900001.0}
    assert facts.served("") == {}


def test_what_serves_when_a_rollout_begins_stays_longer_than_what_was_prepared_since_and_never_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "FOLDER", str(tmp_path))
    files = {name: tmp_path / name / "version.json" for name in ("serves-1", "failed-1", "new-1")}
    for age, file in enumerate(files.values()):
        file.parent.mkdir()
        file.touch()
        os.utime(file, (age, age))
    subprocess.run(commands.begin("new-1", ["serves-1", "serves-1"]), check=True)
    assert min(files, key=lambda name: files[name].stat().st_mtime) == "failed-1"
    assert [file.parent.name for file in tmp_path.glob("*/served")] == ["serves-1"]
