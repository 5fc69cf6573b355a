"""An environment: its settings, typed and validated, and its folder of state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shopctl import paths
from shopctl.errors import BadInputError

if TYPE_CHECKING:
    from infra.config import StackConfig
    from infra.settings import StateSettings
    from region.settings import RegionSettings


@dataclass(frozen=True)
class Environment:
    """One deployment of the stack. Making one reads nothing; `settings` reads and validates.

    `preview`: only to be looked at; its state is in its own folder, whatever the settings say.
    """

    name: str
    config_file: Path
    state_dir: Path
    preview: bool = False

    @classmethod
    def load(cls, name: str) -> Environment:
        """The environment of that name, or BadInputError with the names there are."""
        files = paths.stack_files()
        if name not in files:
            raise BadInputError(
                f"there is no environment {name!r}",
                next_step=f"choose one of: {', '.join(files) or 'none'}, or add infra/Pulumi.{name}.yaml",
            )
        return cls(name=name, config_file=files[name], state_dir=paths.state_root() / name)

    @cached_property
    def settings(self) -> StackConfig:
        """The stack configuration, validated."""
        from infra.config import ConfigError, StackConfig

        try:
            return StackConfig.from_file(self.config_file)
        except ConfigError as error:
            raise BadInputError(
                f"the configuration of {self.name} is not valid",
                where=str(self.config_file),
                last_lines=str(error).splitlines(),
                next_step=f"correct {self.config_file.name} and run the command again",
            ) from error

    @cached_property
    def region(self) -> RegionSettings | None:
        """The local region that realises this environment, or None when the cloud does."""
        local = self.settings.local_region
        if local is None:
            return None
        from region.settings import RegionSettings

        return RegionSettings(
            name=local.name,
            cidr=str(local.cidr),
            public_cidr=str(local.public_cidr),
            operator_address=str(local.operator_address),
        )

    @cached_property
    def bucket(self) -> StateSettings | None:
        """The bucket with the state, the lease and the journal; None when they are in a folder of this machine."""
        return None if self.preview else self.settings.state

    @property
    def workspace(self) -> Path:
        """The engine's work folder, with the merged stack settings."""
        return self.state_dir / "workspace"

    @property
    def backend(self) -> Path:
        """The engine's state, where it is on this machine."""
        return self.state_dir / "backend"

    @property
    def passphrase_file(self) -> Path:
        """What the engine encrypts secrets with."""
        return self.state_dir / "passphrase"

    @property
    def ssh_dir(self) -> Path:
        """The operator's key and the hosts' known keys."""
        return self.state_dir / "ssh"

    @property
    def ssh_key(self) -> Path:
        """The operator's private key."""
        return self.ssh_dir / "id_ed25519"

    @property
    def ca_file(self) -> Path:
        """The certificate that the environment's own certificates are signed with."""
        return self.state_dir / "ca.pem"

    @property
    def lease_file(self) -> Path:
        """Who works on the environment."""
        return self.state_dir / "lease.json"

    @property
    def journal_file(self) -> Path:
        """What was done to the environment from this machine."""
        return self.state_dir / "journal.jsonl"

    @property
    def logs(self) -> Path:
        """Full output of the commands that operations ran."""
        return self.state_dir / "logs"
