"""A MariaDB server on a host of the region."""

import fcntl
import shutil
import time
from pathlib import Path

from region import authority, images
from region.errors import RegionError
from region.hosts import Host, HostControl, all_hosts
from region.process import run
from region.region import Region
from region.services import daemon, grants, mariadb_config, mariadb_state, sql
from region.services.mariadb_config import CONFIG, Settings
from region.services.mariadb_state import Seen

UNIT = "mariadb.service"
DATA = "/var/lib/mysql"
REPLICATION_USER = "region-replication"
REPLICATION_SECRET = "/etc/mysql/region-replication"
SEED, TEMPLATE = "/var/tmp/seed.sql", "/var/tmp/mariadb-data"
CLIENT = ["mariadb", "--default-character-set=utf8mb4", "--batch", "--skip-column-names", "--raw"]


class Server:
    """One server; its local root speaks through the socket, as only the region can."""

    def __init__(self, control: HostControl) -> None:
        self.control = control

    def lay(self, settings: Settings) -> None:
        """Put everything in place before the host boots."""
        self.configure(settings)
        self.control.write("/etc/systemd/system/mariadb.service.d/region.conf", mariadb_config.DROP_IN)
        host = self.control.host
        certificate, key = authority.issue(self.control.settings.name, [host.name], list(host.addresses))
        self.control.write(mariadb_config.CERTIFICATE, f"{certificate}\n")
        self.control.write(mariadb_config.KEY, f"{key}\n", 0o600, "mysql")
        shutil.copytree(self._template(), self.control.home / "data" / host.binds[DATA], dirs_exist_ok=True)
        daemon.own_data(self.control, DATA, "mysql")
        self.control.enable(UNIT)

    def _template(self) -> Path:
        """A new server's data folder. The same for all: made once for each image, as it takes seconds."""
        image = images.layers(self.control.host.image)[0].parent
        home = images.cache() / f"mariadb-data-{image.name}"
        with (images.cache() / f".{home.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not home.exists():
                made, partial = self.control.root / TEMPLATE.lstrip("/"), home.with_suffix(".partial")
                install = [
                    "mariadb-install-db",
                    "--user=mysql",
                    f"--datadir={TEMPLATE}",
                    "--skip-test-db",
                    "--skip-name-resolve",
                ]
                run(["chroot", self.control.root, *install, "--auth-root-authentication-method=socket"])
                shutil.rmtree(partial, ignore_errors=True)
                shutil.copytree(made, partial)
                shutil.rmtree(made)
                partial.rename(home)
        return home

    def configure(self, settings: Settings) -> None:
        """Write the configuration, for the next start."""
        self.control.write(CONFIG, mariadb_config.config(settings))

    def execute(self, *statements: str, timeout: float = 120) -> str:
        """Run statements as the local root; they travel by standard input, as they may hold passwords."""
        text = "\n".join(("SET SESSION sql_mode = 'STRICT_ALL_TABLES';", *statements)) + "\n"
        return self.control.run(CLIENT, stdin=text, timeout=timeout)

    def rows(self, query: str) -> list[list[str]]:
        """The rows of a query, as text."""
        return [line.split("\t") for line in self.execute(query).splitlines()]

    def found(self) -> str:
        """Make the accounts of a new primary, and return the password of the one for replication."""
        secret = daemon.keep_secret(self.control, REPLICATION_SECRET)
        self.let_followers_in()
        return secret

    def let_followers_in(self) -> None:
        """Have the account for replication with its password, which root may have changed."""
        secret = daemon.kept_secret(self.control, REPLICATION_SECRET)
        replica = sql.account(REPLICATION_USER, sql.HOSTS)
        self.execute(
            *sql.put_account(REPLICATION_USER, sql.HOSTS, secret),
            f"GRANT REPLICATION SLAVE ON *.* TO {replica};",
        )

    def set_root(self, password: str) -> None:
        """Give the instance's own root its password and privileges."""
        self.execute(*sql.put_account("root", sql.HOSTS, password), *grants.root_grants())

    def end(self, connection: int) -> None:
        """End a client's connection, unless it has ended already (error 1094)."""
        self.execute(
            "DELIMITER //",
            "BEGIN NOT ATOMIC",
            "  DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;",
            f"  KILL {int(connection)};",
            "END //",
        )

    def seed(self, source: "Server") -> None:
        """Fill this server with what `source` holds, and set the position where that stands."""
        system = "'mysql', 'sys', 'information_schema', 'performance_schema'"
        made = source.rows(
            f"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ({system});"  # noqa: S608
        )
        tables = source.rows("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'mysql';")
        dump = mariadb_config.dump(SEED, (row[0] for row in made), (row[0] for row in tables))
        theirs, ours = (server.control.root / SEED.lstrip("/") for server in (source, self))
        try:
            source.control.run(dump, timeout=1800)
            shutil.copyfile(theirs, ours)
            # Without a log of its own: what came from the primary must not get a second GTID here.
            load = [*CLIENT, "--init-command=SET SESSION sql_log_bin = 0", f"--execute=source {SEED}"]
            self.control.run(load, timeout=1800)
        finally:
            theirs.unlink(missing_ok=True)
            ours.unlink(missing_ok=True)
        self.execute("FLUSH LOCAL PRIVILEGES;")

    def follow(self, address: str, port: int, secret: str, delay: int = 0, *, demoted: bool = False) -> None:
        """Replicate from the primary at `address`, `delay` seconds behind; return when replication runs.

        A server that was a primary itself until now (`demoted`) goes on from its own last transaction.
        """
        self.control.write(REPLICATION_SECRET, secret, 0o600)
        self.execute(*sql.follow(address, port, REPLICATION_USER, secret, delay, demoted=demoted))
        deadline = time.monotonic() + 60
        while True:
            status = self.replication()
            if status.get("Slave_IO_Running") == status.get("Slave_SQL_Running") == "Yes":
                return
            reason = status.get("Last_IO_Error") or status.get("Last_SQL_Error") or ""
            ended = reason and "No" in (status.get("Slave_IO_Running"), status.get("Slave_SQL_Running"))
            if time.monotonic() > deadline or ended:
                raise RegionError(
                    f"host {self.control.host.name}: replication from {address}:{port} does not run: "
                    f"{reason or 'no reason given'}"
                )
            time.sleep(0.1)

    def position(self) -> str:
        """What this server has in its log, as a GTID position."""
        return self.rows("SELECT @@gtid_binlog_pos;")[0][0]

    def catch_up(self, position: str, seconds: int) -> None:
        """Wait until a follower has everything up to a position; `RegionError` when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while self.rows(f"SELECT MASTER_GTID_WAIT({sql.text(position)}, 0.2);") != [["0"]]:
            status = self.replication()
            ended = status.get("Slave_SQL_Running") != "Yes"
            if ended or time.monotonic() > deadline:
                reason = status.get("Last_SQL_Error") or status.get("Last_IO_Error") or "it takes too long"
                raise RegionError(f"host {self.control.host.name} does not come up to {position}: {reason}")

    def replication(self) -> dict[str, str]:
        """The state of replication, by MariaDB's names; empty on a primary."""
        return mariadb_config.replica_status(
            self.control.run(["mariadb", "--vertical", "--execute=SHOW SLAVE STATUS"])
        )

    def semi_sync(self, on: bool) -> None:
        """Have commits wait for a standby, or not."""
        self.execute(f"SET GLOBAL rpl_semi_sync_master_enabled = {'ON' if on else 'OFF'};")

    def glance(self, *queries: str) -> list[list[str]] | None:
        """The rows of queries; None when the server or its host is down. Changes nothing, starts nothing."""
        if self.control.leader() is None:
            return None
        try:
            return self.rows("\n".join(queries))
        except RegionError:
            if daemon.active(self.control, UNIT):
                raise
            return None

    def look(self, settings: Settings) -> Seen | None:
        """The server as it is; None when it is down."""
        rows = self.glance(*mariadb_state.queries(settings))
        return None if rows is None else mariadb_state.seen(rows)

    def reconfigure(self, settings: Settings) -> None:
        """Bring a server to its settings, whatever it has now, with a restart only when it needs one."""
        self.configure(settings)
        daemon.revive(self.control, UNIT)
        found = self.look(settings)
        if found is None:
            raise RegionError(f"host {self.control.host.name}: {UNIT} ended just after it was started")
        statements, restart = mariadb_state.repair(settings, found.variables)
        if statements:
            self.execute(*statements)
        if restart:
            daemon.restart(self.control, UNIT)


def members_of(region: Region, instance_id: str) -> list[Host]:
    """The hosts of an instance: primary, standby and read-only ones, running or not."""
    return [host for host in all_hosts(region.name) if host.kind == "mysql" and host.service == instance_id]


def primary_of(region: Region, instance_id: str) -> Server | None:
    """The primary of an instance: the member that holds its virtual address; None when it is gone."""
    control = holder_of(region, instance_id)
    if control is None:
        return None
    daemon.revive(control, UNIT)
    return Server(control)


def holder_of(region: Region, instance_id: str) -> HostControl | None:
    """The host that holds an instance's virtual address, running or not."""
    for host in members_of(region, instance_id):
        if len(host.addresses) > 1:
            return region.host(host.id)
    return None
