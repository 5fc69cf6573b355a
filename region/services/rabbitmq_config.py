"""RabbitMQ's configuration as text. Pure."""

import base64
import hashlib
import json
import os

ADMIN = "region"
AMQP, MANAGEMENT = 5672, 15672

PLUGINS = "[rabbitmq_management].\n"

ENVIRONMENT = """\
# The name must not change with the host's, or the node would not find its data again.
NODENAME=rabbit@localhost
# One scheduler that sleeps when there is nothing to do: a region has many hosts and few cores.
SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none \
-kernel inet_dist_use_interface {127,0,0,1}"
"""

DROP_IN = """\
[Service]
# SIGTERM stops a node in order, without the seconds that a second Erlang needs to tell it so.
ExecStop=
# Erlang ends with 143 on SIGTERM, and that is no failure.
SuccessExitStatus=143
Environment=ERL_EPMD_ADDRESS=127.0.0.1
"""


def memory_mb(node_spec: str | None) -> int:
    """What a node may use before publishers wait: its specification's last number says how big it is."""
    size = (node_spec or "").rpartition("-")[2]
    return 256 * min(4, max(1, int(size))) if size.isdigit() else 256


def config(memory: int) -> str:
    """The text of /etc/rabbitmq/rabbitmq.conf; `memory` in MB."""
    return "\n".join(
        [
            f"listeners.tcp.default = {AMQP}",
            # The console of the cloud's clusters answers in the VPC too; a user without a tag sees nothing there.
            "management.tcp.ip = 0.0.0.0",
            f"management.tcp.port = {MANAGEMENT}",
            "load_definitions = /etc/rabbitmq/definitions.json",
            f"vm_memory_high_watermark.absolute = {memory}MB",
            "disk_free_limit.absolute = 64MB",
            "log.console = true",
            "log.console.level = warning",
            "log.file = false",
            "",
        ]
    )


def password_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's form of a password: base64 of salt and SHA-256 (https://www.rabbitmq.com/docs/passwords)."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def opens(kept: str, password: str) -> bool:
    """Whether a password is the one whose hash RabbitMQ keeps."""
    try:
        salt = base64.b64decode(kept)[:4]
    except ValueError:
        return False
    return password_hash(password, salt) == kept


def definitions(admin_secret: str) -> str:
    """The text of /etc/rabbitmq/definitions.json: the region's own user, and no guest."""
    user = {
        "name": ADMIN,
        "password_hash": password_hash(admin_secret, os.urandom(4)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"],
    }
    return json.dumps({"users": [user], "vhosts": [{"name": "/"}], "permissions": []}, indent=1)
