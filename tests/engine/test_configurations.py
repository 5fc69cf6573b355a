"""Whatever the configuration: right ones plan and come up, wrong ones are refused with the field's name."""

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.config import ConfigError, StackConfig
from infra.outputs import StackOutputs
from region import schema
from region.checked import checked
from region.wire import bare
from tests.engine.configurations import MISTAKES, Mistake, Settings, configuration, with_mistake
from tests.engine.engine import complete, lab
from tests.unit.infra.recorder import record_settings

anyhow = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
chances = st.randoms(use_true_random=False)


def read(folder: Path, config: Settings) -> StackConfig:
    file = folder / "Pulumi.local.yaml"
    file.write_text(yaml.safe_dump({"config": config}))
    return StackConfig.from_file(file)


def refusals(folder: Path, config: Settings) -> list[str]:
    try:
        read(folder, config)
    except ConfigError as error:
        return str(error).splitlines()
    return []


@settings(anyhow, max_examples=100)
@given(rng=chances)
def test_right_configurations_are_taken(rng: random.Random, tmp_path: Path) -> None:
    assert refusals(tmp_path, configuration(rng)) == []


@settings(anyhow, max_examples=100)
@given(rng=chances, mistake=st.sampled_from(MISTAKES))
def test_one_mistake_is_refused_with_the_fields_name(
    rng: random.Random, mistake: Mistake, tmp_path: Path
) -> None:
    found = refusals(tmp_path, with_mistake(configuration(rng), mistake))
    assert any(mistake[0] in line for line in found), found


@pytest.mark.slow
@settings(anyhow, max_examples=15)
@given(rng=chances)
def test_the_real_provider_would_accept_all_that_the_program_asks_for(rng: random.Random) -> None:
    for resource in record_settings("local", complete(configuration(rng))).custom:
        inputs = checked(resource.type, resource.name, b"", {}, dict(resource.inputs))
        assert schema.check(resource.type, bare(inputs)) == [], resource.name


@pytest.mark.slow
@settings(anyhow, max_examples=3, phases=[Phase.generate])
@given(rng=chances)
def test_the_engine_plans_and_brings_up(rng: random.Random) -> None:
    config = configuration(rng, most_hosts=4)
    with lab(config) as empty:
        stack = empty.stack()
        planned = stack.preview().change_summary
        stack.up(color="never")
        assert stack.preview(expect_no_changes=True).change_summary == {"same": sum(planned.values())}
        state = empty.state()
        assert StackOutputs.parse(_plain(state["shop-local"]["outputs"])).domain == config["shop:domain"]
        hosts = [item for item in state.values() if item["type"] == "tencentcloud:Instance/instance:Instance"]
        assert len(hosts) == config["shop:web"]["count"] + 1


def _plain(outputs: Any) -> Any:
    """The stack's outputs without what is encrypted in the state."""
    if isinstance(outputs, dict):
        if "ciphertext" in outputs:
            return "hidden"
        return {key: _plain(value) for key, value in outputs.items()}
    return [_plain(value) for value in outputs] if isinstance(outputs, list) else outputs


@pytest.mark.slow
def test_more_memory_for_the_database_is_planned_for_it_and_nothing_else() -> None:
    config = complete(configuration(random.Random(1), most_hosts=4))
    with lab(config) as empty:
        stack = empty.stack()
        stack.up(color="never")
        memory = 2000 if config["shop:mysql"]["memory_mb"] != 2000 else 4000
        empty.configure({**config, "shop:mysql": {**config["shop:mysql"], "memory_mb": memory}})
        changed = stack.preview().change_summary
        instances = sum(
            item["type"].startswith("tencentcloud:Mysql/") and "memSize" in item["inputs"]
            for item in empty.state().values()
        )
        assert changed.pop("same") > 50
        assert changed == {"update": instances}
