"""What is built: each tool's version, its Go package and the build settings that its own releases use."""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from tools.paths import ROOT

ToolName = Literal["pulumi", "versitygw", "ferretdb"]
NAMES: tuple[ToolName, ...] = get_args(ToolName)


@dataclass(frozen=True)
class Tool:
    """One pinned program; its module lies in tools/<name>/."""

    name: ToolName
    version: str
    package: str
    ask_version: tuple[str, ...]
    """Arguments that make the program print its version."""
    ldflags: str = "-s -w"
    extra_files: dict[str, str] = field(default_factory=dict[str, str])
    """Files that upstream generates before it builds and a published module lacks: vendor path to text."""

    @property
    def module(self) -> Path:
        """The folder with go.mod and go.sum."""
        return ROOT / "tools" / self.name

    def is_right_version(self, answer: str) -> bool:
        """Whether the program's answer to `ask_version` names exactly our version."""
        return re.search(rf"(?<![\w.-])v?{re.escape(self.version)}(?![\w.-])", answer) is not None

    def fingerprint(self) -> str:
        """A short hash over everything that decides what the build's result is."""
        digest = hashlib.sha256()
        for part in (
            self.version,
            self.package,
            self.ldflags,
            platform.machine(),
            *sorted(self.extra_files.items()),
        ):
            digest.update(repr(part).encode())
        for path in sorted(
            p for p in self.module.iterdir() if p.name in {"go.mod", "go.sum"} or p.suffix == ".go"
        ):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:12]


TOOLS: dict[ToolName, Tool] = {
    "pulumi": Tool(
        name="pulumi",
        version="3.210.0",
        package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        ask_version=("version",),
        ldflags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.210.0",
    ),
    "versitygw": Tool(
        name="versitygw",
        version="1.2.0",
        package="github.com/versity/versitygw/cmd/versitygw",
        ask_version=("--version",),
        ldflags="-s -w -X main.Version=v1.2.0",
    ),
    "ferretdb": Tool(
        name="ferretdb",
        version="1.24.0",
        package="github.com/FerretDB/FerretDB/cmd/ferretdb",
        ask_version=("--version",),
        extra_files={"github.com/FerretDB/FerretDB/build/version/version.txt": "v1.24.0\n"},
    ),
}
