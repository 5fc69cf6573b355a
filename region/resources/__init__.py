"""Every resource type that the local region realises, one file per kind."""

from region.resources import (
    bucket,
    cam,
    cdn,
    certificate,
    clb,
    disk,
    dnspod,
    instance,
    key_pair,
    mongodb,
    mysql,
    private_dns,
    rabbitmq,
    redis,
    security_group,
    subnet,
    vpc,
)
from region.resources.base import Resource

RESOURCES: tuple[type[Resource], ...] = (
    *vpc.RESOURCES,
    *subnet.RESOURCES,
    *security_group.RESOURCES,
    *key_pair.RESOURCES,
    *instance.RESOURCES,
    *disk.RESOURCES,
    *certificate.RESOURCES,
    *clb.RESOURCES,
    *mysql.RESOURCES,
    *redis.RESOURCES,
    *mongodb.RESOURCES,
    *rabbitmq.RESOURCES,
    *bucket.RESOURCES,
    *cam.RESOURCES,
    *cdn.RESOURCES,
    *private_dns.RESOURCES,
    *dnspod.RESOURCES,
)
