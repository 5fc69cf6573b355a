"""The engine's settings of a stack: the committed file, plus what this machine generated for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from shopctl import secrets
from shopctl.errors import BadInputError

if TYPE_CHECKING:
    from shopctl.drivers.engine import Engine
    from shopctl.environment import Environment
    from shopctl.report import Report

Settings = dict[str, Any]
CERTIFICATE = "shop:tlsCertificate"
WECHAT = "shop:wechat"
CERTIFICATE_KEY = "shop:tlsKey"
OPERATOR_KEY = "shop:operatorPublicKey"


def merge(committed: Settings, kept: Settings, own: Mapping[str, Any]) -> Settings:
    """The committed settings win; what was generated before is kept; what is known now (`own`) is set.

    Secrets are kept only as long as they were encrypted under the salt that stands in the result.
    """
    config: Settings = dict(committed.get("config") or {})
    merged = {key: value for key, value in committed.items() if key != "config"}
    salt = committed.get("encryptionsalt")
    if salt is None or salt == kept.get("encryptionsalt"):
        if "encryptionsalt" in kept:
            merged["encryptionsalt"] = kept["encryptionsalt"]
        for key, value in (kept.get("config") or {}).items():
            if key not in config and _is_secret(value):
                config[key] = value
    config.update(own)
    return {**merged, "config": config}


def missing(settings: Settings, names: tuple[str, ...]) -> list[str]:
    """The secrets that have no value yet."""
    config = settings.get("config") or {}
    return [name for name in names if f"shop:{name}" not in config]


def prepare(environment: Environment, engine: Engine, report: Report) -> list[str]:
    """Writes the engine's settings; generates what is missing where the environment asks for it.

    Where it doesn't, a preview goes on with placeholders, and gets their names back; anything else is refused.
    """
    from infra.config import SECRET_NAMES

    committed = _load(environment.config_file)
    generate = (committed.get("config") or {}).get("shop:generateSecrets") in (True, "true")
    if "encryptionsalt" in committed and not environment.passphrase_file.exists():
        if not environment.preview:
            raise BadInputError(
                f"the passphrase of {environment.name} is not on this machine",
                next_step=f"put it into {environment.passphrase_file} (mode 0600)",
            )
        committed = without_secrets(committed)
    secrets.ensure_passphrase(environment.passphrase_file)
    file = environment.workspace / f"Pulumi.{environment.name}.yaml"
    kept = _load(file) if file.exists() else {}
    own: dict[str, Any] = {
        OPERATOR_KEY: secrets.ensure_ssh_key(environment.ssh_key, f"shopctl-{environment.name}")
    }
    certificate, key = _certificate(environment, kept, report)
    if certificate:
        own[CERTIFICATE] = certificate
    account, account_secrets = _wechat(environment, kept)
    if account:
        own[WECHAT] = account
    settings = merge(committed, kept, own)
    absent = _absent(settings, SECRET_NAMES, with_certificate=not generate)
    if absent and environment.preview:
        settings = {
            **settings,
            "config": placeholders(environment.settings.domain, absent) | settings["config"],
        }
    elif absent and not generate:
        raise BadInputError(
            f"{environment.name} lacks settings that only its owners have: {', '.join(absent)}",
            where=str(environment.config_file),
            next_step="for each: pulumi --cwd infra -s "
            f"{environment.name} config set --secret shop:NAME (the certificate without --secret)",
        )
    _write(environment.workspace / "Pulumi.yaml", _load(environment.config_file.parent / "Pulumi.yaml"))
    _write(file, settings)
    engine.initialise()
    if environment.preview:
        return absent
    if key:
        engine.set_secret(CERTIFICATE_KEY, key)
    for name, secret in account_secrets.items():
        engine.set_secret(f"shop:{name}", secret)
    for name in absent:
        if name != "tlsKey" and name not in account_secrets:
            report(f"    generating {name}")
            engine.set_secret(f"shop:{name}", secrets.generate(name).get_secret_value())
    return []


def lacking(environment: Environment) -> list[str]:
    """The settings that the environment's owners have not given yet; those that are generated don't count."""
    from infra.config import SECRET_NAMES

    committed = _load(environment.config_file)
    if (committed.get("config") or {}).get("shop:generateSecrets") in (True, "true"):
        return []
    file = environment.workspace / f"Pulumi.{environment.name}.yaml"
    return _absent(
        merge(committed, _load(file) if file.exists() else {}, {}), SECRET_NAMES, with_certificate=True
    )


def placeholders(domain: str, names: list[str]) -> dict[str, str]:
    """Values that a provider's checks accept, and that nobody takes for real ones."""
    certificate, key = secrets.placeholder_certificate(domain)
    known = {"tlsCertificate": certificate, "tlsKey": key}
    return {f"shop:{name}": known.get(name, secrets.PLACEHOLDER) for name in names}


def without_secrets(settings: Settings) -> Settings:
    """The settings without what only the passphrase opens."""
    config = {key: value for key, value in (settings.get("config") or {}).items() if not _is_secret(value)}
    return {**{key: value for key, value in settings.items() if key != "encryptionsalt"}, "config": config}


def _absent(settings: Settings, names: tuple[str, ...], *, with_certificate: bool) -> list[str]:
    absent = missing(settings, names)
    if with_certificate and CERTIFICATE not in (settings.get("config") or {}):
        absent.append("tlsCertificate")
    # One without the other is no certificate.
    if with_certificate and {"tlsCertificate", "tlsKey"} & set(absent):
        absent = [*(n for n in absent if not n.startswith("tls")), "tlsCertificate", "tlsKey"]
    return absent


def _certificate(environment: Environment, kept: Settings, report: Report) -> tuple[str | None, str | None]:
    """The certificate to use, and its key when it was issued just now."""
    if environment.settings.tls.issuer != "region" or environment.region is None:
        return None, None
    from region import authority
    from region.settings import BALANCER_SLOTS, public_address

    region, settings = environment.region, environment.settings
    wanted = secrets.Names(
        domains=frozenset({settings.domain, settings.cdn_domain}),
        # The region gives its first balancer this address, so `curl https://ADDRESS` can be checked as well.
        addresses=frozenset({public_address(region, BALANCER_SLOTS.start)}),
    )
    ca_pem = authority.ca(region.name)
    if not environment.ca_file.exists() or environment.ca_file.read_text() != ca_pem:
        environment.ca_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        environment.ca_file.write_text(ca_pem)
    config = kept.get("config") or {}
    present = config.get(CERTIFICATE) if CERTIFICATE_KEY in config else None
    reason = secrets.certificate_fits(present, wanted, ca_pem)
    if reason is None:
        return present, None
    report(f"    issuing the certificate of {', '.join(sorted(wanted.domains))}: {reason}")
    return authority.issue(region.name, sorted(wanted.domains), sorted(wanted.addresses))


def _wechat(environment: Environment, kept: Settings) -> tuple[dict[str, str] | None, dict[str, str]]:
    """The shop's account at the region's own WeChat, and its secrets where the stack does not have them yet."""
    if environment.settings.wechat.issuer != "region" or environment.region is None:
        return None, {}
    from region.settings import WECHAT_SLOT, public_address
    from region.wechat import account

    push_url = f"https://{environment.settings.domain}/api/v1/wechat/push"
    issued = account.register(environment.region, push_url)
    section = {
        "issuer": "region",
        "app_id": issued.app_id,
        "mch_id": issued.mch_id,
        "certificate_serial": issued.certificate_serial,
        "public_key_id": issued.public_key_id,
        "public_key": issued.public_key,
        # By its address: a browser on this machine would take WeChat's own names for the real ones.
        "bridge_url": f"https://{public_address(environment.region, WECHAT_SLOT)}",
    }
    of_account = {
        "wechatAppSecret": issued.app_secret,
        "wechatPrivateKey": issued.private_key,
        "wechatApiV3Key": issued.api_v3_key,
        "wechatPushToken": issued.push_token,
        "wechatPushAesKey": issued.push_aes_key,
    }
    config = kept.get("config") or {}
    known = config.get(WECHAT) == section and all(
        _is_secret(config.get(f"shop:{name}")) for name in of_account
    )
    return section, {} if known else of_account


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and "secure" in value


def _load(file: Path) -> Settings:
    return yaml.safe_load(file.read_text()) or {}


def _write(file: Path, content: Settings) -> None:
    """Writes only what changed: the engine's own comments and order would be lost otherwise."""
    if not file.exists() or _load(file) != content:
        secrets.write_private(file, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
