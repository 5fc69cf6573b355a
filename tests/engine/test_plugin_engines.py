"""The provider as a plugin of its own, with several engines at work on it at once."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pytest
import tencentcloud_iac_pulumi as tencentcloud

from shopctl import paths
from tests.engine.engine import Lab, closed_loops

# The SDK loads its modules at their first use, which threads must not do at once.
Vpc, Subnet = tencentcloud.vpc.Instance, tencentcloud.subnet.Instance
SETTINGS = {"tencentcloud:region": "ap-guangzhou"}
SUBNETS = 5


def program() -> None:
    vpc = Vpc("main", name="main", cidr_block="10.40.0.0/16")
    for number in range(SUBNETS):
        Subnet(
            f"subnet-{number}",
            name=f"subnet-{number}",
            vpc_id=vpc.id,
            availability_zone="ap-guangzhou-3",
            cidr_block=f"10.40.{number}.0/24",
        )
    pulumi.export("vpc", vpc.id)


@pytest.fixture
def port() -> Iterator[int]:
    argv = [sys.executable, "-m", "region.plugin", "--fast"]
    with subprocess.Popen(
        argv, cwd=paths.REPOSITORY, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as plugin:
        assert plugin.stdout
        yield int(plugin.stdout.readline())
        plugin.terminate()
        assert plugin.wait(10) == 0


@pytest.mark.slow
def test_engines_side_by_side_have_each_their_own(port: int, tmp_path: Path) -> None:
    labs: list[Lab] = []
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        labs.append(Lab(tmp_path / name, port, name))
        labs[-1].configure(SETTINGS)
    with closed_loops(), ThreadPoolExecutor() as pool:
        list(pool.map(lambda lab: lab.stack(program).up(color="never"), labs))
        ids = [
            {item["id"] for item in lab.state().values() if item["type"].startswith("tencentcloud:")}
            for lab in labs
        ]
        assert [len(own) for own in ids] == [1 + SUBNETS] * 3
        assert len(set.union(*ids)) == 3 * (1 + SUBNETS)
        leaving, *staying = labs
        done = [pool.submit(lab.stack(program).refresh, color="never") for lab in staying]
        leaving.stack(program).destroy(color="never")
        for looked in done:
            assert "delete" not in (looked.result().summary.resource_changes or {})
        assert "main" not in leaving.state()
        for lab in staying:
            assert lab.stack(program).preview(expect_no_changes=True).change_summary == {"same": 2 + SUBNETS}
