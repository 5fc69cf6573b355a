"""The machine around regions: what it has of the things that they are made of, to be compared before and after."""

import subprocess
from pathlib import Path

NAMES = ("/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/hostname")
SETTINGS = ("net/ipv4/ip_forward", "net/ipv[46]/conf/all/*", "net/ipv[46]/conf/default/*")


def machine(region: str, addresses: str) -> dict[str, set[str]]:
    """Routes, firewall, names, settings, links, mounts and so on, but for other regions' own.

    `addresses` is how those of the region begin: `10.78.`.
    """
    other = ("sc-", "shopctl-", "10.7", *(f"10.{number}." for number in range(92, 142)), "/regions/")
    seen = {
        "routes": _lines("ip", "route", "show", "table", "all"),
        "links": {line.split(": ", 1)[1] for line in _lines("ip", "-o", "link")},
        "rules": _lines("ip", "rule"),
        "firewall": _lines("nft", "--stateless", "list", "ruleset"),
        "names": {f"{file}: {_text(Path(file))}" for file in NAMES},
        "settings": _settings(),
        "namespaces": _lines("ip", "netns", "list"),
        "mounts": {line.split(" ", 4)[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()},
        "loops": _lines("losetup", "--list", "--noheadings", "--output", "BACK-FILE"),
        "runtime": {str(path) for path in Path("/run/systemd/nspawn").glob("*/shopctl-*")},
        "groups": {str(path) for path in Path("/sys/fs/cgroup").glob("*/shopctl-*")},
    }
    ours = (region, addresses)
    return {
        what: {
            line
            for line in found
            if any(word in line for word in ours) or not any(word in line for word in other)
        }
        for what, found in seen.items()
    }


def command_line(process: Path) -> bytes:
    """What a process was started as, by its folder in /proc; nothing when it has ended meanwhile."""
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _lines(*argv: str) -> set[str]:
    return set(subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines())


def _settings() -> set[str]:
    root = Path("/proc/sys")
    files = (file for pattern in SETTINGS for file in root.glob(pattern) if file.is_file())
    return {f"{file.relative_to(root)} = {_text(file)}" for file in files}


def _text(file: Path) -> str:
    """Its content; nothing where it is gone meanwhile, or only to be written."""
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
