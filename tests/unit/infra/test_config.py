"""The configuration's mistakes, each told with its file and field, all of them at once."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from infra.config import SECRET_NAMES, ConfigError, StackConfig
from tests.unit.infra.recorder import ISSUED, PLAIN, REPOSITORY, record

Config = dict[str, Any]
GOLDEN = Path(__file__).parent / "golden" / "config"


def subnet(config: Config, index: int) -> Config:
    """One subnet of a configuration, to spoil."""
    found: Config = config["shop:network"]["subnets"][index]
    return found


MISTAKES: dict[str, Callable[[Config], object]] = {
    "overlapping-subnets": lambda c: subnet(c, 1).update(cidr="10.77.1.128/25"),
    "subnet-outside-vpc": lambda c: subnet(c, 0).update(cidr="10.77.200.0/24"),
    "not-a-range": lambda c: subnet(c, 0).update(cidr="10.77.1.0/240"),
    "host-bits": lambda c: subnet(c, 0).update(cidr="10.77.1.7/24"),
    "same-subnet-name": lambda c: subnet(c, 1).update(name="web-a"),
    "unknown-zone": lambda c: subnet(c, 0).update(zone="ap-guangzhou-9"),
    "zone-of-another-region": lambda c: subnet(c, 0).update(zone="ap-beijing-3"),
    "one-zone-only": lambda c: subnet(c, 1).update(zone="ap-guangzhou-3"),
    "no-ops-subnet": lambda c: [subnet(c, i).update(role="web") for i in (4, 5)],
    "no-region": lambda c: c.pop("tencentcloud:region"),
    "unknown-region": lambda c: c.update({"tencentcloud:region": "ap-guangzou"}),
    "instance-type-format": lambda c: c["shop:web"].update(type="medium"),
    "instance-type-family": lambda c: c["shop:ops"].update(type="Z9.MEDIUM2"),
    "no-web-hosts": lambda c: c["shop:web"].update(count=0),
    "too-many-web-hosts": lambda c: c["shop:web"].update(count=51),
    "count-not-a-number": lambda c: c["shop:web"].update(count="two"),
    "bad-domain": lambda c: c.update({"shop:domain": "Shop_local"}),
    "public-zone-of-others": lambda c: c.update({"shop:public_zone": "example.com"}),
    "same-domain-twice": lambda c: c.update({"shop:cdn_domain": "shop.local.test"}),
    "standby-in-the-primary-zone": lambda c: c["shop:mysql"].update(standby_zone="ap-guangzhou-3"),
    "standby-without-subnet": lambda c: c["shop:mysql"].update(standby_zone="ap-guangzhou-6"),
    "rollout-limits": lambda c: c.update(
        {"shop:rollout": {"max_error_rate": 2, "watch_seconds": 1, "p95": 5}}
    ),
    "memory-step": lambda c: c["shop:mysql"].update(memory_mb=1500),
    "ssh-from-anywhere": lambda c: c["shop:operator"].update(cidrs=["0.0.0.0/0"]),
    "public-range-in-the-vpc": lambda c: c["shop:local_region"].update(public_cidr="10.77.48.0/20"),
    "operator-outside-region": lambda c: c["shop:local_region"].update(operator_address="10.99.0.1"),
    "plain-secret": lambda c: c.update({"shop:redisPassword": "hunter22_"}),
    "plain-secret-by-look": lambda c: c["shop:storage"].update(secret_key="AKIDhunter22"),
    "plain-private-key": lambda c: c.update({"shop:tlsCertificate": "-----BEGIN EC PRIVATE KEY-----\nM"}),
    "plain-cloud-credential": lambda c: c.update({"tencentcloud:secretKey": "hunter22"}),
    "misspelt-setting": lambda c: c.update({"shop:domian": "shop.local.test"}),
    "misspelt-setting-within": lambda c: c["shop:web"].update(cuont=2),
    "misspelt-setting-in-a-list": lambda c: subnet(c, 2).update(zoen="ap-guangzhou-3"),
    "misspelt-namespace": lambda c: c.update({"shpo:protect": True}),
    "no-namespace": lambda c: c.update({"protect": True}),
    "wechat-without-an-account": lambda c: c["shop:wechat"].update(issuer="provided", app_id="wx1"),
    "wechat-of-no-region": lambda c: c.pop("shop:local_region"),
    "missing-section": lambda c: c.pop("shop:mysql"),
    "section-is-a-text": lambda c: c.update({"shop:redis": "small"}),
    "many-at-once": lambda c: (
        c["shop:web"].update(count=99, type="medium"),
        subnet(c, 0).update(cidr="10.77.2.0/23", zone="ap-guangzhou-9"),
        c.update({"shop:redisPassword": "hunter22_", "shop:domian": "x"}),
        c.pop("shop:mongodb"),
    ),
}


def write(folder: Path, environment: str, config: Config) -> Path:
    """A stack file with this configuration."""
    path = folder / f"Pulumi.{environment}.yaml"
    path.write_text(yaml.safe_dump({"config": config}))
    return path


def config_of(environment: str) -> Config:
    """An environment's own configuration, to change."""
    text = (REPOSITORY / "infra" / f"Pulumi.{environment}.yaml").read_text()
    config: Config = yaml.safe_load(text)["config"]
    return config


def refused(path: Path) -> str:
    """What is said of a stack file that cannot be used."""
    with pytest.raises(ConfigError) as raised:
        StackConfig.from_file(path)
    return str(raised.value) + "\n"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_in_these_words(mistake: str, tmp_path: Path) -> None:
    config = config_of("local")
    MISTAKES[mistake](config)
    assert refused(write(tmp_path, "local", config)) == (GOLDEN / f"{mistake}.txt").read_text()


@pytest.mark.parametrize("environment", ["local", "test", "staging", "production"])
def test_the_environments_own_files_are_sound(environment: str) -> None:
    config = StackConfig.from_file(REPOSITORY / "infra" / f"Pulumi.{environment}.yaml")
    assert config.environment == environment
    assert config.generate_secrets is (environment in ("local", "test"))


@pytest.mark.parametrize("environment", ["local", "test", "staging", "production"])
def test_the_engine_reads_the_same_as_the_file(environment: str) -> None:
    read: list[StackConfig] = []
    record(environment, run=lambda: read.append(StackConfig.from_pulumi(pulumi.Config("shop"))))
    given: Config = {
        "tls_certificate": PLAIN["tlsCertificate"],
        "operator_public_key": PLAIN["operatorPublicKey"],
    }
    from_file = StackConfig.from_file(REPOSITORY / "infra" / f"Pulumi.{environment}.yaml")
    if from_file.wechat.issuer == "region":
        given["wechat"] = from_file.wechat.model_copy(update=ISSUED)
    assert read == [from_file.model_copy(update=given)]


def test_the_engine_refuses_what_the_file_check_refuses() -> None:
    network = config_of("local")["shop:network"]
    network["subnets"][1]["cidr"] = "10.77.1.0/24"
    with pytest.raises(ConfigError, match=r"web-b's 10\.77\.1\.0/24 overlaps web-a's 10\.77\.1\.0/24"):
        record("local", {"network": network})


def test_reading_a_file_does_not_load_the_engines_sdk() -> None:
    program = "import sys, infra.config, infra.outputs; sys.exit('pulumi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=False).returncode == 0


def test_encrypted_secrets_are_read_past(tmp_path: Path) -> None:
    config = config_of("local") | {f"shop:{name}": {"secure": "v1:abc:def"} for name in SECRET_NAMES}
    assert StackConfig.from_file(write(tmp_path, "local", config)).domain == "shop.local.test"


def test_the_engines_own_keys_are_accepted(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text(yaml.safe_dump({"encryptionsalt": "v1:salt", "config": config_of("local")}))
    assert StackConfig.from_file(path).protect is False


def test_an_account_number_may_stand_without_quotes(tmp_path: Path) -> None:
    config = config_of("local") | {"shop:storage": {"app_id": 1250000000, "uin": 100000000001}}
    assert StackConfig.from_file(write(tmp_path, "local", config)).storage.app_id == "1250000000"


def test_a_plain_secret_is_not_repeated(tmp_path: Path) -> None:
    config = config_of("local") | {"shop:redisPassword": "hunter22_", "shop:apiKey": "hunter33_"}
    config["shop:storage"]["secret_key"] = "hunter44_"
    assert "hunter" not in refused(write(tmp_path, "local", config))


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_what_holds_data_in_the_cloud_must_be_guarded(environment: str, tmp_path: Path) -> None:
    config = config_of(environment) | {"shop:protect": False, "shop:generateSecrets": True}
    found = refused(write(tmp_path, environment, config))
    assert f"Pulumi.{environment}.yaml: shop:protect: must be true in {environment}" in found
    assert f"Pulumi.{environment}.yaml: shop:generateSecrets: must not be true" in found


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Pulumi.prodution.yaml", "no environment 'prodution'; did you mean 'production'?"),
        ("Pulumi.qq.yaml", "no environment 'qq'; known ones: local, test, staging, production"),
        ("local.yaml", "is not a stack file: its name is Pulumi.<environment>.yaml"),
    ],
)
def test_an_environment_that_does_not_exist(name: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("config: {}\n")
    assert refused(path) == f"{name}: {told}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "config:\n  a: 1\n b: 2\n",
            "line 3, column 2: is not YAML: expected <block end>, but found '<block mapping start>'",
        ),
        (
            "config:\n  shop:domain: a.b\n  shop:domain: c.d\n",
            "line 3, column 3: is not YAML: the key 'shop:domain' stands there twice",
        ),
        ("- a\n", "line 1: is not a mapping; a stack file begins with `config:`"),
        ("", "line 1: is not a mapping; a stack file begins with `config:`"),
        ("confg: {}\n", "config: is missing, or is not a mapping of settings"),
    ],
)
def test_text_that_is_no_stack_file(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.local.yaml"
    path.write_text(text)
    assert refused(path) == f"Pulumi.local.yaml: {told}\n"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "Pulumi.local.yaml").startswith("Pulumi.local.yaml: cannot be read: ")


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_file_of_an_environment_in_the_cloud_names_the_secrets_that_it_wants(environment: str) -> None:
    text = (REPOSITORY / "infra" / f"Pulumi.{environment}.yaml").read_text()
    assert [name for name in SECRET_NAMES if not re.search(rf"\b{name}\b", text)] == []
