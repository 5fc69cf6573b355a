"""RabbitMQ's configuration as text. Pure."""

import json
from dataclasses import dataclass

ADMIN = "region-admin"
AMQP, MANAGEMENT = 5672, 15672

PLUGINS = "[rabbitmq_management].\n"

ENVIRONMENT = """\
# The name must not change with the host's, or the node would not find its data again.
NODENAME=rabbit@localhost
# One scheduler that sleeps when there is nothing to do: a region has many hosts and few cores.
SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}"
"""

DROP_IN = """\
[Service]
# SIGTERM stops a node in order, without the seconds that a second Erlang needs to tell it so.
ExecStop=
# Erlang ends with 143 on SIGTERM, and that is no failure.
SuccessExitStatus=143
Environment=ERL_EPMD_ADDRESS=127.0.0.1
"""


@dataclass(frozen=True)
class Settings:
    """What a node is configured by."""

    memory_mb: int


def memory_mb(node_spec: str | None) -> int:
    """What a node may use before publishers wait: the last number of its specification says how big it is."""
    size = (node_spec or "").rpartition("-")[2]
    return 256 * min(4, max(1, int(size))) if size.isdigit() else 256


def config(settings: Settings) -> str:
    """The text of /etc/rabbitmq/rabbitmq.conf."""
    return "\n".join(
        [
            f"listeners.tcp.default = {AMQP}",
            # The region calls it from inside the host; nobody else is to reach it.
            "management.tcp.ip = 127.0.0.1",
            f"management.tcp.port = {MANAGEMENT}",
            "load_definitions = /etc/rabbitmq/definitions.json",
            f"vm_memory_high_watermark.absolute = {settings.memory_mb}MB",
            "disk_free_limit.absolute = 64MB",
            "log.console.level = warning",
            "",
        ]
    )


def definitions(admin_secret: str) -> str:
    """The text of /etc/rabbitmq/definitions.json: the region's own user, and no guest."""
    user = {"name": ADMIN, "password": admin_secret, "tags": ["administrator"]}
    permission = {"user": ADMIN, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
    return json.dumps({"users": [user], "vhosts": [{"name": "/"}], "permissions": [permission]}, indent=1)
