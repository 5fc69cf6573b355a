"""What is there already is taken into a stack: the engine reads it by its id."""

from typing import Any

import pulumi
import pytest
import tencentcloud_iac_pulumi as tencentcloud
from pulumi.automation import CommandError

from tests.engine.configurations import base
from tests.engine.engine import lab

GIVEN = {"name": "taken", "cidr_block": "10.77.0.0/18", "tags": {"team": "shop"}}


def program(import_: str | None, **changed: Any) -> Any:
    def run() -> None:
        opts = pulumi.ResourceOptions(import_=import_, retain_on_delete=import_ is None)
        tencentcloud.vpc.Instance("taken", **{**GIVEN, **changed}, opts=opts)

    return run


@pytest.mark.slow
def test_a_thing_on_record_is_imported_as_it_is_and_another_is_refused() -> None:
    with lab(base()) as empty:
        empty.stack(program(None)).up(color="never")
        made = empty.state()["taken"]
        # The stack forgets it, and it stays.
        empty.stack(lambda: None).up(color="never")
        assert "taken" not in empty.state()
        with pytest.raises(CommandError, match="cidrBlock"):
            empty.stack(program(made["id"], cidr_block="10.77.64.0/18")).up(color="never")
        empty.stack(program(made["id"])).up(color="never")
        taken = empty.state()["taken"]
        assert (taken["id"], taken["inputs"], taken["outputs"]) == (
            made["id"],
            made["inputs"],
            made["outputs"],
        )
        assert empty.stack(program(None)).preview(expect_no_changes=True).change_summary["same"] >= 1


@pytest.mark.slow
def test_what_is_not_there_cannot_be_imported() -> None:
    with lab(base()) as empty, pytest.raises(CommandError, match="does not exist"):
        empty.stack(program("vpc-00000000")).up(color="never")
