"""What is lost with a resource: the data that a thing of its kind holds, and that no second `up` brings back."""

LOSSES: dict[str, str] = {
    "Mysql/instance:Instance": "every database, account and binary log of the MySQL instance",
    "Mysql/drInstance:DrInstance": "the disaster recovery copy of the databases",
    "Mysql/database:Database": "every table of the database",
    "Mysql/readonlyInstance:ReadonlyInstance": "the replica's copy (the primary keeps the data; reads move to it)",
    "Mysql/account:Account": "the account's password and privileges (clients lose their connection)",
    "Redis/instance:Instance": "every key: carts, sessions and locks",
    "Mongodb/instance:Instance": "every collection of the MongoDB instance",
    "Tdmq/rabbitmqVipInstance:RabbitmqVipInstance": "every message that was not consumed yet",
    "Tdmq/rabbitmqVirtualHost:RabbitmqVirtualHost": "every queue and message of the virtual host",
    "Ckafka/instance:Instance": "every topic with its messages",
    "Ckafka/topic:Topic": "every message of the topic",
    "Cos/bucket:Bucket": "every object of the bucket, with its versions",
    "Cos/bucketObject:BucketObject": "the object's content",
    "Cbs/storage:Storage": "everything on the disk",
    "Cbs/snapshot:Snapshot": "the snapshot: its disk cannot go back to it",
    "Image/instance:Instance": "the image: no host can be made from it any more",
    "Instance/instance:Instance": "the host's system disk: logs, local files, its SSH host keys",
    "Tcr/instance:Instance": "every image of the registry",
    "Tcr/repository:Repository": "every image of the repository",
    "Cam/user:User": "the user's access keys: whoever works with them is refused",
    "Cam/accessKey:AccessKey": "the access key: whoever works with it is refused",
    "Eip/instance:Instance": "the public address: another owner may get it next",
    "Clb/instance:Instance": "the balancer's address: DNS has to follow",
}
"""By the type token without its package."""


def lost_with(type_: str) -> str | None:
    """What goes with a resource of that type, or None when it can be made again as it was."""
    return LOSSES.get(type_.partition(":")[2])
