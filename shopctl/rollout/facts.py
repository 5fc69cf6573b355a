"""What each web host has and runs: pure readers of what `commands.LOOK` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WORKER = "worker"
"""The group that nobody sends requests to: it takes messages from the queue."""

Unit = tuple[str, str]
"""A group's processes of a version: (group, version)."""


@dataclass(frozen=True)
class Version:
    """A release with settings, as it was written on a host: `/etc/shop/<version>/version.json`.

    `image` is the reference that its containers are started from, `host` a name that the shop answers to, `warm` what
    each group has to answer before it gets requests.
    """

    version: str
    release: str
    settings: str
    image: str
    host: str = "localhost"
    memory_limit_mb: int = 0
    groups: tuple[str, ...] = ()
    warm: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Those that serve HTTP, then the worker."""
        return (*self.groups, WORKER)

    @classmethod
    def parse(cls, told: Mapping[str, object]) -> Version:
        """From the file's content. Raises KeyError or TypeError for something else."""
        warm = told.get("warm") or {}
        groups = told["groups"]
        assert isinstance(warm, Mapping)
        assert isinstance(groups, Sequence)
        return cls(
            version=str(told["version"]),
            release=str(told["release"]),
            settings=str(told["settings"]),
            image=str(told["image"]),
            host=str(told.get("host", "localhost")),
            memory_limit_mb=int(str(told.get("memory_limit_mb", 0))),
            groups=tuple(str(group) for group in groups),
            warm={str(group): tuple(str(path) for path in paths) for group, paths in warm.items()},
        )


@dataclass(frozen=True)
class HostFacts:
    """One web host.

    `versions`: those written there, oldest first. `serving`: the version that each group's link points to.
    `running`: the containers there are; `installed`: those that systemd starts.
    `images`: digests and tags of the shop's images by the releases that they are of.
    `served`: the versions that did when a rollout began, and when the last of them was (s, the host's clock).
    """

    host: str
    versions: Mapping[str, Version] = field(default_factory=dict[str, Version])
    serving: Mapping[str, str] = field(default_factory=dict[str, str])
    running: frozenset[Unit] = frozenset()
    installed: frozenset[Unit] = frozenset()
    images: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    served: Mapping[str, float] = field(default_factory=dict[str, float])

    def release(self, group: str) -> str | None:
        """The release that serves a group."""
        return release_of(self.serving[group]) if group in self.serving else None


def release_of(version: str) -> str:
    """A version begins with its release."""
    return version.partition("-")[0]


def versions(said: str) -> dict[str, Version]:
    """Of the files' contents, one after the other, each behind the time of its last change (seconds); oldest first.

    What is no version's description is left out: it was written by another checkout.
    """
    found: list[tuple[float, Version]] = []
    decoder, rest = json.JSONDecoder(), said.strip()
    while rest:
        stamp, _, rest = rest.partition(" ")
        try:
            told, end = decoder.raw_decode(rest)
            found.append((float(stamp), Version.parse(told)))
        except (ValueError, KeyError, TypeError, AssertionError):
            end = rest.find("\n}")
            if end < 0:
                break
            end += 2
        rest = rest[end:].strip()
    return {version.version: version for _, version in sorted(found, key=lambda one: one[0])}


def serving(said: str) -> dict[str, str]:
    """Of lines `trade.sock /run/shop/VERSION/trade.sock`."""
    lines = [line.split() for line in said.splitlines()]
    return {
        words[0].removesuffix(".sock"): words[1].split("/")[3]
        for words in lines
        if len(words) == 2 and words[1].startswith("/run/shop/")
    }


def served(said: str) -> dict[str, float]:
    """Of lines `1795900000.5 /etc/shop/VERSION`: the marks, with the time at which each was made last."""
    lines = [line.split() for line in said.splitlines()]
    return {words[1].rpartition("/")[2]: float(words[0]) for words in lines if len(words) == 2}


_UNIT = re.compile(r"shop-([a-z]+)-([^.\s]+)(?:\.container)?")


def units(said: str) -> frozenset[Unit]:
    """Of names of containers, or of their descriptions; what is not the shop's is left out."""
    found = (_UNIT.fullmatch(line.strip()) for line in said.splitlines())
    return frozenset((match[1], match[2]) for match in found if match)


def images(said: str) -> dict[str, tuple[str, ...]]:
    """Of lines `RELEASE ID`: images by release."""
    found: dict[str, tuple[str, ...]] = {}
    for line in said.splitlines():
        release, _, image = line.partition(" ")
        if release and image and image not in found.get(release, ()):
            found[release] = (*found.get(release, ()), image)
    return found


def open_requests(said: str, sockets: Collection[str]) -> int:
    """Of `ss` about UNIX sockets: connections to these that are open, and those that wait to be taken."""
    lines = [line.split() for line in said.splitlines()]
    ours = [words for words in lines if len(words) > 4 and words[4] in sockets]
    waiting = sum(int(words[2]) for words in ours if words[1] == "LISTEN")
    return waiting + sum(words[1] == "ESTAB" for words in ours)


def restarts(said: str) -> dict[str, int]:
    """Of systemd's `Id` and `NRestarts`: how often each unit was started anew."""
    counts: dict[str, int] = {}
    for block in said.split("\n\n"):
        values = dict(line.partition("=")[::2] for line in block.splitlines())
        if values.get("Id"):
            counts[values["Id"]] = int(values.get("NRestarts") or 0)
    return counts


_ENGINE = re.compile(
    r"container (create|init|start|died|remove|cleanup|kill)|^conmon |^[0-9a-f]{64}$"
    r"|^(Starting|Started|Stopping|Stopped) shop-|shop-\S+: (Scheduled restart|Main process|Failed with|Consumed)"
)


def telling(lines: Iterable[str]) -> list[str]:
    """A container's log without what engine and systemd say of their own work, and without requests that went well."""
    own = (line for line in lines if line.strip() and not _ENGINE.search(line))
    return [told for line in own if (told := _short(line))]


def _short(line: str) -> str:
    """A line of the shop's JSON log as a person reads it; empty when it is of no interest. Other lines stay."""
    try:
        said = json.loads(line)
        level, message = said["level"], said["message"]
    except (ValueError, KeyError, TypeError):
        return line
    if level in {"debug", "info"}:
        return ""
    cause = str(said.get("exception", "")).splitlines()[-1:]
    return ": ".join([f"{level}: {message}", *filter(None, [said.get("path", "")]), *cause])


def surplus(
    host: HostFacts, *, keep: int, needed: Sequence[str], unwanted: Sequence[str] = ()
) -> tuple[str, ...]:
    """The versions that may go from a host: all but the newest, those that serve or run, and the needed.

    The `unwanted`, which were no good, do not count among the newest.
    """
    newest = [version for version in host.versions if version not in unwanted][-keep:]
    spared = {*newest, *host.serving.values(), *(version for _, version in host.running), *needed}
    return tuple(version for version in host.versions if version not in spared)
