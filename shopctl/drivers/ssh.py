"""Hosts by SSH: commands as argument lists, by host name or role, through the bastion where there is one."""

from __future__ import annotations

import io
import json
import logging
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopctl.errors import BadInputError, ShopctlError

if TYPE_CHECKING:
    from fabric import Connection

    from infra.outputs import Host, StackOutputs
    from shopctl.environment import Environment

USER = "root"
CONNECT_TIMEOUT = 5
_NO_ANSWER = -1
"""Paramiko's exit status of a command whose connection went away."""


@dataclass(frozen=True)
class Result:
    """What a command on a host gave back."""

    host: str
    code: int
    stdout: str
    stderr: str


class Line:
    """An open connection to a host."""

    def __init__(self, host: str, connection: Connection) -> None:
        self.host = host
        self._connection = connection

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout: float | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> Result:
        """Runs a command. Raises ShopctlError when it does not end in time, or when the connection breaks."""
        import paramiko
        from invoke.exceptions import CommandTimedOut

        command = shlex.join(argv)
        options: dict[str, Any] = {"hide": True, "warn": True, "in_stream": False, "timeout": timeout}
        if on_line:
            options["out_stream"] = _Lines(on_line)
            options["hide"] = "stderr"
        try:
            done = self._connection.run(command, **options)
        except CommandTimedOut as error:
            raise ShopctlError(f"no end after {timeout:.0f} s", where=self.host, command=command) from error
        except (OSError, EOFError, paramiko.SSHException) as error:
            raise ShopctlError(
                f"the connection broke: {error}", where=self.host, command=command, next_step="shopctl status"
            ) from error
        if done.return_code == _NO_ANSWER:
            raise ShopctlError(
                "the connection ended before the command did",
                where=self.host,
                command=command,
                next_step="shopctl status",
            )
        return Result(self.host, done.return_code, done.stdout, done.stderr)


class Fleet:
    """The environment's hosts."""

    def __init__(self, environment: Environment, outputs: StackOutputs) -> None:
        self._environment = environment
        self._outputs = outputs
        self._known_hosts = threading.Lock()

    def choose(self, name: str) -> list[Host]:
        """One host by name, or all of a role."""
        hosts = self._outputs.hosts
        chosen = [h for h in hosts if h.name == name] or [h for h in hosts if h.role == name]
        if name == "all":
            chosen = list(hosts)
        if not chosen:
            names = ", ".join(h.name for h in hosts) or "there are none"
            raise BadInputError(
                f"no host and no role is named {name!r}", next_step=f"hosts: {names}; or a role, or all"
            )
        return chosen

    def run(
        self,
        host: Host,
        argv: Sequence[str],
        *,
        timeout: float | None = None,
        on_line: Callable[[str], None] | None = None,
        connect_timeout: int = CONNECT_TIMEOUT,
    ) -> Result:
        """Runs a command; a non-zero exit code is a result, a host that can't be reached is an error."""
        with self.line(host, connect_timeout) as line:
            return line.run(argv, timeout=timeout, on_line=on_line)

    @contextmanager
    def line(self, host: Host, connect_timeout: int = CONNECT_TIMEOUT) -> Iterator[Line]:
        """One connection for several commands: opening it takes longer than most of them."""
        with self.connected(host, connect_timeout) as connection:
            yield Line(host.name, connection)

    def run_all(
        self, hosts: Sequence[Host], argv: Sequence[str], on_line: Callable[[str, str], None] | None = None
    ) -> list[Result | ShopctlError]:
        """The same on several hosts at once; one that can't be reached doesn't stop the others."""

        def one(host: Host) -> Result | ShopctlError:
            handler = (lambda line: on_line(host.name, line)) if on_line else None
            try:
                return self.run(host, argv, on_line=handler)
            except ShopctlError as error:
                return error

        with ThreadPoolExecutor(max_workers=max(len(hosts), 1)) as pool:
            return list(pool.map(one, hosts))

    @contextmanager
    def connected(self, host: Host, connect_timeout: int = CONNECT_TIMEOUT) -> Iterator[Connection]:
        """An open connection."""
        import paramiko

        if not self._environment.ssh_key.exists():
            raise ShopctlError(
                "the operator's SSH key is not on this machine",
                where=str(self._environment.ssh_key),
                next_step=f"shopctl --env {self._environment.name} up",
            )
        # It would write tracebacks to the terminal for every host that is not up yet.
        logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
        connection = self._connection(host, connect_timeout)
        try:
            try:
                with self._known_hosts:
                    connection.client.load_system_host_keys(str(self.known_hosts_file()))
                connection.open()
                self._remember(connection)
            except paramiko.BadHostKeyException as error:
                raise ShopctlError(
                    "the host has another key than the one it had before",
                    where=f"{host.name} ({host.address})",
                    next_step=f"if it was rebuilt by hand: remove its line from {self.known_hosts_file()}",
                ) from error
            except (OSError, EOFError, paramiko.SSHException) as error:
                raise ShopctlError(
                    f"cannot reach it by SSH: {error}",
                    where=f"{host.name} ({host.address})",
                    command=shlex.join(self.command(host)),
                    next_step="shopctl status",
                ) from error
            yield connection
        finally:
            connection.close()

    def wait_until_reachable(self, hosts: Sequence[Host], seconds: float) -> dict[str, str]:
        """Waits for SSH on all of them; returns those that stayed silent, with the last error of each."""
        limit = time.monotonic() + seconds

        def one(host: Host) -> str | None:
            pause = 0.2
            while True:
                try:
                    with self.connected(host, 2):
                        return None
                except ShopctlError as error:
                    if time.monotonic() >= limit:
                        return error.what
                    time.sleep(pause)
                    # sshd locks out, for a while, whoever knocks too often.
                    pause = min(pause * 1.5, 3.0)

        with ThreadPoolExecutor(max_workers=max(len(hosts), 1)) as pool:
            answers = list(pool.map(one, hosts))
        return {host.name: answer for host, answer in zip(hosts, answers, strict=True) if answer}

    def command(self, host: Host, argv: Sequence[str] = ()) -> list[str]:
        """The same as a command line of OpenSSH, for a terminal."""
        options = ["-i", str(self._environment.ssh_key)]
        for option in (
            f"UserKnownHostsFile={self.known_hosts_file()}",
            "StrictHostKeyChecking=accept-new",
            "IdentitiesOnly=yes",
        ):
            options += ["-o", option]
        bastion = self._bastion(host)
        if bastion:
            proxy = ["ssh", *options, "-W", "%h:%p", f"{USER}@{bastion.address}"]
            options += ["-o", f"ProxyCommand={shlex.join(proxy)}"]
        remote = [shlex.join(argv)] if argv else []
        return ["ssh", *options, f"{USER}@{host.address}", *remote]

    def known_hosts_file(self) -> Path:
        """The environment's own file of host keys."""
        file = self._environment.ssh_dir / "known_hosts"
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
        return file

    def forget_replaced(self) -> None:
        """Drops the keys of hosts that are new at their address: a replaced instance has other keys."""
        seen_file = self._environment.ssh_dir / "instances.json"
        seen: dict[str, str] = json.loads(seen_file.read_text()) if seen_file.exists() else {}
        now = {host.address: host.instance_id for host in self._outputs.hosts}
        replaced = {address for address, instance in now.items() if seen.get(address) != instance}
        if replaced:
            file = self.known_hosts_file()
            lines = file.read_text().splitlines(keepends=True)
            file.write_text("".join(line for line in lines if line.split(" ")[0] not in replaced))
            seen_file.write_text(json.dumps(now))

    def _remember(self, connection: Connection) -> None:
        """Keeps the key of a host that was seen for the first time; a later, different one is refused."""
        key = connection.client.get_transport().get_remote_server_key()
        line = f"{connection.host} {key.get_name()} {key.get_base64()}\n"
        with self._known_hosts:
            file = self.known_hosts_file()
            if line not in file.read_text():
                with file.open("a") as stream:
                    stream.write(line)

    def _bastion(self, host: Host) -> Host | None:
        if not self._outputs.operator.bastion:
            return None
        gateway = next((h for h in self._outputs.hosts if h.role == "ops"), None)
        return None if gateway is None or gateway.name == host.name else gateway

    def _connection(self, host: Host, connect_timeout: int) -> Connection:
        from fabric import Config, Connection

        # The operator's own ~/.ssh/config must not change where the commands go.
        config = Config(lazy=True, overrides={"load_ssh_configs": False})
        bastion = self._bastion(host)
        return Connection(
            host.address,
            user=USER,
            config=config,
            gateway=self._connection(bastion, connect_timeout) if bastion else None,
            connect_timeout=connect_timeout,
            connect_kwargs={
                "key_filename": str(self._environment.ssh_key),
                "look_for_keys": False,
                "allow_agent": False,
                "banner_timeout": connect_timeout,
                "auth_timeout": connect_timeout,
            },
        )


class _Lines(io.TextIOBase):
    """A stream that hands whole lines on."""

    def __init__(self, handler: Callable[[str], None]) -> None:
        self._handler = handler
        self._rest = ""

    def write(self, text: str) -> int:
        *whole, self._rest = (self._rest + text).split("\n")
        for line in whole:
            self._handler(line)
        return len(text)
