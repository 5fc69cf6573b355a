"""Reads a stack file as text, without the engine, and finds what no schema can see: secrets in plain text,
keys in the wrong namespace, an environment that does not exist, YAML that is not YAML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.problems import ConfigError, Problem, did_you_mean

NAMESPACE = "shop"
ENVIRONMENTS: tuple[str, ...] = ("local", "test", "staging", "production")
SECRET_NAMES: tuple[str, ...] = (
    "mysqlRootPassword",
    "mysqlCataloguePassword",
    "mysqlTradePassword",
    "mysqlUserPassword",
    "mysqlServicePassword",
    "mysqlAdminPassword",
    "mysqlWorkerPassword",
    "mysqlMigratorPassword",
    "mysqlMonitorPassword",
    "mysqlBackupPassword",
    "redisPassword",
    "mongodbAdminPassword",
    "mongodbPassword",
    "rabbitmqPassword",
    "rabbitmqMonitorPassword",
    "djangoSecretKey",
    "adminPassword",
    "wechatAppSecret",
    "wechatPrivateKey",
    "wechatApiV3Key",
    "wechatPushToken",
    "wechatPushAesKey",
    "tlsKey",
)
# What the engine itself keeps in a stack file.
_FILE_KEYS = ("config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment")
_FILE_NAME = re.compile(r"Pulumi\.(.+)\.yaml")
_LOOKS_SECRET = re.compile(r"(?i)passw(or)?d|passphrase|secret|token|private_?key|api_?key|credential")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


@dataclass(frozen=True)
class StackFile:
    """What a stack file says, its secrets left out, and what is wrong with it so far."""

    environment: str
    region: str | None
    settings: dict[str, Any]
    problems: tuple[Problem, ...]


def read_stack_file(path: Path) -> StackFile:
    """Read one; raises ConfigError only where there is nothing to go on with."""
    environment = _environment(path)
    document = _document(path)
    config = document.get("config")
    if not isinstance(config, dict):
        raise ConfigError([Problem(path.name, "config", "is missing, or is not a mapping of settings")])
    problems = [
        Problem(path.name, str(key), f"is not a key of a stack file; {did_you_mean(str(key), _FILE_KEYS)}")
        for key in document
        if key not in _FILE_KEYS
    ]
    problems += _key_problems(config, path.name)
    problems += _plain_secrets(config, path.name)
    prefix = f"{NAMESPACE}:"
    settings = {
        key.removeprefix(prefix): value
        for key, value in config.items()
        if isinstance(key, str) and key.startswith(prefix) and key.removeprefix(prefix) not in SECRET_NAMES
    }
    region = config.get("tencentcloud:region")
    return StackFile(environment, region, settings, tuple(problems))


def _environment(path: Path) -> str:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise ConfigError(
            [Problem(path.name, "", "is not a stack file: its name is Pulumi.<environment>.yaml")]
        )
    environment = match[1]
    if environment not in ENVIRONMENTS:
        known = did_you_mean(environment, ENVIRONMENTS)
        raise ConfigError([Problem(path.name, "", f"no environment {environment!r}; {known}")])
    return environment


def _document(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path.name, "", f"cannot be read: {error}")]) from error
    try:
        document = _StrictLoader(text).get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error)
        raise ConfigError([Problem(path.name, where, f"is not YAML: {reason}")]) from error
    if not isinstance(document, dict):
        raise ConfigError(
            [Problem(path.name, "line 1", "is not a mapping; a stack file begins with `config:`")]
        )
    return document


class _StrictLoader(yaml.SafeLoader):
    """YAML keeps the last of two equal keys silently; here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key.value!r} stands there twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _key_problems(config: dict[Any, Any], file: str) -> Iterator[Problem]:
    for key in config:
        namespace, colon, name = str(key).partition(":")
        if not colon:
            yield Problem(file, str(key), f"has no namespace; did you mean '{NAMESPACE}:{namespace}'?")
        elif namespace not in (NAMESPACE, "tencentcloud", "pulumi"):
            known = (NAMESPACE, "tencentcloud", "pulumi")
            yield Problem(file, str(key), f"has an unknown namespace; {did_you_mean(namespace, known)}")
        elif namespace == "tencentcloud" and name not in ("region", "secretId", "secretKey", "securityToken"):
            yield Problem(file, str(key), f"is not a known setting; {did_you_mean(name, ('region',))}")


def _plain_secrets(config: dict[Any, Any], file: str) -> Iterator[Problem]:
    for key, value in config.items():
        name = str(key).partition(":")[2]
        if name in SECRET_NAMES:
            if not _is_encrypted(value):
                yield Problem(
                    file, str(key), f"is a secret in plain text; run `pulumi config set --secret {key}`"
                )
        else:
            yield from _plain_secrets_within(value, str(key), file)


def _plain_secrets_within(value: object, path: str, file: str) -> Iterator[Problem]:
    if isinstance(value, dict):
        if not _is_encrypted(value):
            for key, inner in value.items():
                yield from _plain_secrets_within(inner, f"{path}.{key}", file)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _plain_secrets_within(inner, f"{path}[{index}]", file)
    elif isinstance(value, str):
        last = re.split(r"[.:]", path)[-1]
        if _LOOKS_SECRET.search(last) or _PRIVATE_KEY.search(value):
            yield Problem(
                file, path, "looks like a secret in plain text; set it with `pulumi config set --secret`"
            )


def _is_encrypted(value: object) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str)
