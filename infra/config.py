"""A stack's configuration, read from its file (no engine needed) or from the engine, checked as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from infra.checks import check
from infra.problems import ConfigError, Problem, problems_of
from infra.settings import (
    CdnSettings,
    Domain,
    LocalRegionSettings,
    MongodbSettings,
    MysqlSettings,
    NetworkSettings,
    OperatorSettings,
    OpsSettings,
    RabbitmqSettings,
    RedisSettings,
    RegistrySettings,
    RolloutSettings,
    Section,
    StateSettings,
    StorageSettings,
    TlsSettings,
    WebSettings,
    WechatSettings,
)
from infra.stackfile import NAMESPACE, SECRET_NAMES, read_stack_file

if TYPE_CHECKING:
    import pulumi

__all__ = ["SECRET_NAMES", "ConfigError", "Problem", "Secrets", "StackConfig"]


class StackConfig(Section):
    """Everything that tells one environment from another, apart from its secrets."""

    environment: str
    region: str
    network: NetworkSettings
    operator: OperatorSettings
    web: WebSettings
    ops: OpsSettings
    mysql: MysqlSettings
    redis: RedisSettings
    mongodb: MongodbSettings
    rabbitmq: RabbitmqSettings
    storage: StorageSettings
    registry: RegistrySettings
    domain: Domain
    cdn_domain: Domain
    dns_zone: Domain
    public_zone: Domain | None = None
    cdn: CdnSettings = CdnSettings()
    rollout: RolloutSettings = RolloutSettings()
    tls: TlsSettings
    wechat: WechatSettings
    local_region: LocalRegionSettings | None = None
    state: StateSettings | None = None
    protect: bool = False
    generate_secrets: bool = Field(default=False, alias="generateSecrets")
    tls_certificate: str | None = Field(default=None, alias="tlsCertificate")
    operator_public_key: str | None = Field(default=None, alias="operatorPublicKey")

    @classmethod
    def from_file(cls, path: Path) -> StackConfig:
        """Read `Pulumi.<environment>.yaml`; raises ConfigError with everything that is wrong."""
        contents = read_stack_file(path)
        raw = contents.settings | {"environment": contents.environment, "region": contents.region}
        return cls._checked(raw, path.name, contents.problems)

    @classmethod
    def from_pulumi(cls, config: pulumi.Config) -> StackConfig:
        """Read what the engine was given for this stack; raises ConfigError with everything that is wrong."""
        # Whoever reads only the file is spared the engine's SDK: most of a short command's start.
        import pulumi

        raw: dict[str, Any] = {
            "environment": pulumi.get_stack(),
            "region": pulumi.Config("tencentcloud").get("region"),
        }
        for name in SETTING_NAMES:
            value = config.get(name)
            if value is not None:
                raw[name] = _decoded(value)
        return cls._checked(raw, f"Pulumi.{pulumi.get_stack()}.yaml", ())

    @classmethod
    def _checked(cls, raw: dict[str, Any], file: str, found: tuple[Problem, ...]) -> StackConfig:
        problems = [*found, *check(raw, file)]
        try:
            config = cls.model_validate(raw)
        except ValidationError as error:
            problems += problems_of(error, file, NAMESPACE, cls)
            raise ConfigError(_without_repeats(problems)) from None
        if problems:
            raise ConfigError(_without_repeats(problems))
        return config


SETTING_NAMES: tuple[str, ...] = tuple(
    field.alias or name
    for name, field in StackConfig.model_fields.items()
    if name not in ("environment", "region")
)


class Secrets:
    """The stack's secrets as the engine holds them: outputs that are known to be secret."""

    def __init__(self, config: pulumi.Config) -> None:
        self.mysql_root_password = config.require_secret("mysqlRootPassword")
        self.mysql_passwords = {
            "catalogue": config.require_secret("mysqlCataloguePassword"),
            "trade": config.require_secret("mysqlTradePassword"),
            "user": config.require_secret("mysqlUserPassword"),
            "service": config.require_secret("mysqlServicePassword"),
            "admin": config.require_secret("mysqlAdminPassword"),
            "worker": config.require_secret("mysqlWorkerPassword"),
        }
        self.mysql_migrator_password = config.require_secret("mysqlMigratorPassword")
        self.mysql_monitor_password = config.require_secret("mysqlMonitorPassword")
        self.mysql_backup_password = config.require_secret("mysqlBackupPassword")
        self.redis_password = config.require_secret("redisPassword")
        self.mongodb_admin_password = config.require_secret("mongodbAdminPassword")
        self.mongodb_password = config.require_secret("mongodbPassword")
        self.rabbitmq_password = config.require_secret("rabbitmqPassword")
        self.rabbitmq_monitor_password = config.require_secret("rabbitmqMonitorPassword")
        self.django_secret_key = config.require_secret("djangoSecretKey")
        self.admin_password = config.require_secret("adminPassword")
        self.wechat_app_secret = config.require_secret("wechatAppSecret")
        self.wechat_private_key = config.require_secret("wechatPrivateKey")
        self.wechat_api_v3_key = config.require_secret("wechatApiV3Key")
        self.wechat_push_token = config.require_secret("wechatPushToken")
        self.wechat_push_aes_key = config.require_secret("wechatPushAesKey")
        self.tls_key = config.require_secret("tlsKey")


def _decoded(value: str) -> Any:
    # The engine hands sections over as JSON and plain settings as they are.
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, dict | bool) else value


def _without_repeats(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
