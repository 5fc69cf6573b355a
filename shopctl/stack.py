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


def prepare(environment: Environment, engine: Engine, report: Report) -> None:
    """Writes the engine's settings; generates what is missing where the environment asks for it."""
    from infra.config import SECRET_NAMES

    committed = _load(environment.config_file)
    generate = (committed.get("config") or {}).get("shop:generateSecrets") in (True, "true")
    if "encryptionsalt" in committed and not environment.passphrase_file.exists():
        raise BadInputError(
            f"the passphrase of {environment.name} is not on this machine",
            next_step=f"put it into {environment.passphrase_file} (mode 0600)",
        )
    secrets.ensure_passphrase(environment.passphrase_file)
    file = environment.workspace / f"Pulumi.{environment.name}.yaml"
    kept = _load(file) if file.exists() else {}
    own: dict[str, Any] = {
        OPERATOR_KEY: secrets.ensure_ssh_key(environment.ssh_key, f"shopctl-{environment.name}")
    }
    certificate, key = _certificate(environment, kept, report)
    if certificate:
        own[CERTIFICATE] = certificate
    settings = merge(committed, kept, own)
    _write(environment.workspace / "Pulumi.yaml", _load(environment.config_file.parent / "Pulumi.yaml"))
    _write(file, settings)
    engine.initialise()
    if key:
        engine.set_secret(CERTIFICATE_KEY, key)
    absent = [name for name in missing(_load(file), tuple(SECRET_NAMES)) if name != "tlsKey" or not generate]
    if absent and not generate:
        raise BadInputError(
            f"{environment.name} lacks secrets: {', '.join(absent)}",
            where=str(environment.config_file),
            next_step=f"for each: pulumi --cwd infra -s {environment.name} config set --secret shop:NAME",
        )
    for name in absent:
        report(f"    generating {name}")
        engine.set_secret(f"shop:{name}", secrets.generate(name).get_secret_value())


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


def _is_secret(value: object) -> bool:
    return isinstance(value, dict) and "secure" in value


def _load(file: Path) -> Settings:
    return yaml.safe_load(file.read_text()) or {}


def _write(file: Path, content: Settings) -> None:
    """Writes only what changed: the engine's own comments and order would be lost otherwise."""
    if not file.exists() or _load(file) != content:
        secrets.write_private(file, yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
