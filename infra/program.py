"""The whole stack, put together."""

import pulumi

from infra.components import mysql as database
from infra.components.balancer import Balancer, BalancerArgs
from infra.components.cdn import Cdn, CdnArgs
from infra.components.certificate import Certificate, CertificateArgs
from infra.components.component import Common
from infra.components.compute import Compute, ComputeArgs
from infra.components.disk import DataDisk, DataDiskArgs
from infra.components.dns import Dns, DnsArgs, Target
from infra.components.firewall import Firewall, FirewallArgs
from infra.components.mongodb import Mongodb, MongodbArgs
from infra.components.mysql import Mysql, MysqlArgs
from infra.components.network import Network, NetworkArgs
from infra.components.public_dns import PublicDns, PublicDnsArgs
from infra.components.queue import Queue, QueueArgs
from infra.components.redis import Redis, RedisArgs
from infra.components.registry import Registry, RegistryArgs
from infra.components.storage import Storage, StorageArgs
from infra.config import Secrets, StackConfig
from infra.exports import Parts, exports
from infra.stackfile import NAMESPACE


def program() -> None:
    """Register the stack's resources and export its outputs."""
    settings = pulumi.Config(NAMESPACE)
    config = StackConfig.from_pulumi(settings)
    secrets = Secrets(settings)
    common = Common(config.environment, config.region, config.protect)

    network = Network("network", NetworkArgs(common, config.network))
    firewall = Firewall("firewall", FirewallArgs(common, config.network, config.operator))
    compute = Compute(
        "compute",
        ComputeArgs(
            common,
            vpc_id=network.vpc_id,
            web=config.web,
            ops=config.ops,
            web_subnets=network.of_role("web"),
            ops_subnets=network.of_role("ops"),
            groups={"web": firewall.id_of("web"), "ops": firewall.id_of("ops")},
            public_key=settings.require("operatorPublicKey"),
        ),
    )
    DataDisk("disk", DataDiskArgs(common, compute.ops[0], config.ops.disk_gb))
    certificate = Certificate(
        "certificate", CertificateArgs(common, settings.require("tlsCertificate"), secrets.tls_key)
    )
    balancer = Balancer(
        "balancer",
        BalancerArgs(
            common,
            vpc_id=network.vpc_id,
            group_id=firewall.id_of("balancer"),
            certificate_id=certificate.certificate_id,
            domain=config.domain,
            targets=compute.web,
        ),
    )
    cdn = Cdn(
        "cdn",
        CdnArgs(
            common, config.cdn_domain, config.domain, balancer.vip, certificate.certificate_id, config.cdn
        ),
    )
    if config.public_zone:
        PublicDns(
            "public-dns",
            PublicDnsArgs(
                common, config.public_zone, config.domain, balancer.vip, config.cdn_domain, cdn.cname
            ),
        )

    primary, standby = network.data_subnet(), network.data_subnet(config.mysql.standby_zone)
    data = firewall.id_of("data")
    mysql = Mysql(
        "mysql",
        MysqlArgs(
            common,
            config.mysql,
            vpc_id=network.vpc_id,
            group_id=data,
            primary_subnet=primary,
            replica_subnet=standby,
            root_password=secrets.mysql_root_password,
            passwords={
                **{database.account_of(group): secrets.mysql_passwords[group] for group in database.GROUPS},
                database.MIGRATOR: secrets.mysql_migrator_password,
                database.MONITOR: secrets.mysql_monitor_password,
                database.BACKUP: secrets.mysql_backup_password,
            },
        ),
    )
    redis = Redis(
        "redis",
        RedisArgs(common, config.redis, network.vpc_id, data, primary, standby.zone, secrets.redis_password),
    )
    mongodb = Mongodb(
        "mongodb",
        MongodbArgs(
            common,
            config.mongodb,
            network.vpc_id,
            data,
            primary,
            admin_password=secrets.mongodb_admin_password,
            app_password=secrets.mongodb_password,
        ),
    )
    queue = Queue(
        "queue",
        QueueArgs(
            common,
            config.rabbitmq,
            network.vpc_id,
            network.of_role("data"),
            app_password=secrets.rabbitmq_password,
            monitor_password=secrets.rabbitmq_monitor_password,
        ),
    )
    storage = Storage("storage", StorageArgs(common, config.storage))
    registry = Registry("registry", RegistryArgs(common, config.registry, network.nat_address))

    replica = {"mysql-ro": Target(mysql.replica_address)} if mysql.replica_address else {}
    Dns(
        "dns",
        DnsArgs(
            common,
            zone=config.dns_zone,
            vpc_id=network.vpc_id,
            records={
                "mysql": Target(mysql.address),
                **replica,
                "redis": Target(redis.address),
                "mongodb": Target(mongodb.address),
                "rabbitmq": Target(
                    queue.endpoint.apply(lambda endpoint: endpoint.host),
                    queue.endpoint.apply(lambda endpoint: endpoint.record_type),
                ),
                **{host.name: Target(host.address) for host in compute.hosts},
            },
        ),
    )

    parts = Parts(balancer, cdn, compute, mysql, redis, mongodb, queue, storage, registry)
    for name, value in exports(config, secrets, parts).items():
        pulumi.export(name, value)
