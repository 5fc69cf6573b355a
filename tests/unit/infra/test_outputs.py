"""The outputs, as the rest of the house reads them."""

import pytest

from infra.outputs import OutputsError, StackOutputs
from tests.unit.infra.recorder import Recording


def test_the_program_exports_what_the_reader_reads(stack: Recording) -> None:
    outputs = StackOutputs.parse(stack.outputs)
    assert outputs.address == f"https://{outputs.domain}"
    assert [host.name for host in outputs.hosts if host.role == "ops"] == ["ops-1"]


def test_nothing_is_exported_that_no_reader_knows(stack: Recording) -> None:
    assert StackOutputs.parse(stack.outputs).revealed() == stack.outputs


def test_secret_outputs_are_secret_in_the_state_too(stack: Recording) -> None:
    # The engine's own marking is by output: a part that has a secret in it is secret where it stands.
    assert stack.secret_outputs >= {"djangoSecretKey"}
    for part in ("mysql", "redis", "mongodb", "rabbitmq", "storage", "registry"):
        assert any(path == part or path.startswith(f"{part}.") for path in stack.secret_outputs)


def test_secrets_do_not_show_when_outputs_are_printed(local: Recording) -> None:
    printed = repr(StackOutputs.parse(local.outputs))
    assert "secret-" not in printed
    assert "made-by-the-cloud" not in printed


def test_what_is_missing_is_named_and_no_value_is_shown(local: Recording) -> None:
    broken = {name: value for name, value in local.outputs.items() if name != "redis"}
    broken["mysql"] = {**local.outputs["mysql"], "port": "secret-by-mistake"}
    with pytest.raises(OutputsError) as raised:
        StackOutputs.parse(broken)
    assert "redis (missing)" in str(raised.value)
    assert "mysql.port" in str(raised.value)
    assert "secret-by-mistake" not in str(raised.value)
