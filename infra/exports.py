"""What the stack exports; `infra.outputs` is its reader's side."""

from dataclasses import dataclass
from typing import Any

from infra.components import mongodb as documents
from infra.components import mysql as database
from infra.components import queue as messages
from infra.components import redis as cache
from infra.components.balancer import Balancer
from infra.components.cdn import Cdn
from infra.components.compute import Compute
from infra.components.registry import Registry
from infra.components.storage import Storage
from infra.config import Secrets, StackConfig
from infra.settings import WechatSettings

ADMIN = "admin"
"""The first account of the merchants' admin, who makes the others."""


@dataclass(frozen=True)
class Parts:
    """The components that have something to tell."""

    balancer: Balancer
    cdn: Cdn
    compute: Compute
    mysql: database.Mysql
    redis: cache.Redis
    mongodb: documents.Mongodb
    queue: messages.Queue
    storage: Storage
    registry: Registry


def exports(config: StackConfig, secrets: Secrets, parts: Parts) -> dict[str, Any]:
    """The outputs by their exported names."""
    return {
        "environment": config.environment,
        "region": config.region,
        "address": f"https://{config.domain}",
        "domain": config.domain,
        "cdnDomain": config.cdn_domain,
        "dnsZone": config.dns_zone,
        "loadBalancer": {
            "id": parts.balancer.balancer_id,
            "vip": parts.balancer.vip,
            "domain": config.domain,
        },
        "cdn": {"domain": config.cdn_domain, "cname": parts.cdn.cname},
        "hosts": [
            {
                "name": host.name,
                "role": host.role,
                "zone": host.zone,
                "address": host.address,
                "instanceId": host.instance.id,
                "type": host.type,
                "image": host.image,
            }
            for host in parts.compute.hosts
        ],
        "operator": {
            "bastion": config.operator.bastion,
            "cidrs": [str(cidr) for cidr in config.operator.cidrs],
        },
        **_services(config, secrets, parts),
        "storage": {
            "endpoint": parts.storage.endpoint,
            "region": config.region,
            "users": {
                role: {"accessKey": key.access, "secretKey": key.secret}
                for role, key in parts.storage.keys.items()
            },
            "buckets": dict(parts.storage.buckets),
            "backupLockDays": config.storage.backup_lock_days,
            "mediaUrl": f"https://{config.cdn_domain}/media/",
            "staticUrl": f"https://{config.cdn_domain}/static/",
        },
        "registry": {
            "host": parts.registry.host,
            "repository": parts.registry.repository,
            "user": parts.registry.user,
            "password": parts.registry.password,
        },
        "djangoSecretKey": secrets.django_secret_key,
        "admin": {"user": ADMIN, "password": secrets.admin_password},
        "wechat": _wechat(config.wechat, secrets),
    }


def _wechat(account: WechatSettings, secrets: Secrets) -> dict[str, Any]:
    return {
        "appId": account.app_id,
        "appSecret": secrets.wechat_app_secret,
        "mchId": account.mch_id,
        "certificateSerial": account.certificate_serial,
        "privateKey": secrets.wechat_private_key,
        "apiV3Key": secrets.wechat_api_v3_key,
        "publicKeyId": account.public_key_id,
        "publicKey": account.public_key,
        "pushToken": secrets.wechat_push_token,
        "pushAesKey": secrets.wechat_push_aes_key,
        "bridgeUrl": account.bridge_url or "",
    }


def _services(config: StackConfig, secrets: Secrets, parts: Parts) -> dict[str, Any]:
    zone = config.dns_zone
    replica = parts.mysql.replica_address
    return {
        "mysql": {
            "host": f"mysql.{zone}",
            "port": database.PORT,
            "address": parts.mysql.address,
            "database": database.DATABASE,
            "rootPassword": secrets.mysql_root_password,
            "groups": {
                group: {"user": database.account_of(group), "password": secrets.mysql_passwords[group]}
                for group in database.GROUPS
            },
            "migrator": {"user": database.MIGRATOR, "password": secrets.mysql_migrator_password},
            "monitor": {"user": database.MONITOR, "password": secrets.mysql_monitor_password},
            "backup": {"user": database.BACKUP, "password": secrets.mysql_backup_password},
            "replica": {"host": f"mysql-ro.{zone}", "port": database.PORT, "address": replica}
            if replica
            else None,
        },
        "redis": {"host": f"redis.{zone}", "port": cache.PORT, "password": secrets.redis_password},
        "mongodb": {
            "host": f"mongodb.{zone}",
            "port": parts.mongodb.port,
            "user": documents.USER,
            "password": secrets.mongodb_password,
            "database": documents.DATABASE,
            "admin": {"user": documents.ADMIN, "password": secrets.mongodb_admin_password},
        },
        "rabbitmq": {
            "host": f"rabbitmq.{zone}",
            "port": parts.queue.endpoint.apply(lambda endpoint: endpoint.port),
            "vhost": messages.VHOST,
            "user": messages.USER,
            "password": secrets.rabbitmq_password,
            "monitor": {"user": messages.MONITOR, "password": secrets.rabbitmq_monitor_password},
        },
    }
