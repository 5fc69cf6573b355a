"""FerretDB's unit and settings as text. Pure."""

BINARY, STATE = "/usr/local/bin/ferretdb", "/var/lib/ferretdb"
ENVIRONMENT_FILE = "/etc/ferretdb.env"
USER, ADMIN = "ferretdb", "region-admin"
PORT = 27017

SYSUSERS = f'u {USER} - "FerretDB" {STATE}\n'


def environment(admin_secret: str) -> str:
    """The text of the unit's environment file: FerretDB makes this account at its first start."""
    return f"FERRETDB_SETUP_PASSWORD={admin_secret}\nFERRETDB_TELEMETRY=disable\nDO_NOT_TRACK=1\n"


def unit() -> str:
    """The text of ferretdb.service."""
    command = [
        BINARY,
        "--handler=sqlite",
        # Without the last slash the folder's name would be taken for a file's.
        f"--sqlite-url=file:{STATE}/",
        f"--state-dir={STATE}",
        f"--listen-addr=0.0.0.0:{PORT}",
        "--debug-addr=-",
        # Accounts with SCRAM; without it everybody is let in.
        "--test-enable-new-auth",
        "--setup-database=admin",
        f"--setup-username={ADMIN}",
        "--no-log-uuid",
        "--log-level=warn",
    ]
    return f"""\
[Unit]
Description=FerretDB, for MongoDB's protocol
After=network.target

[Service]
User={USER}
EnvironmentFile={ENVIRONMENT_FILE}
ExecStart={" ".join(command)}
Restart=on-failure
RestartSec=1
# Idle connections would keep it waiting, and SQLite loses nothing.
TimeoutStopSec=5
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={STATE}
ProtectHome=yes

[Install]
WantedBy=multi-user.target
"""
