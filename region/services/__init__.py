"""What the managed services of a region have in common and are configured with.

    placement.py     where a service's host hangs in the network, how it is called
    daemon.py        starting a service's host, keeping what only the region may know of it
    sql.py grants.py mariadb_config.py       MariaDB: pure text and decisions
    mariadb.py                               MariaDB: a server on a host
    redis_config.py rabbitmq_config.py ferretdb_config.py   pure text
    rabbitmq_api.py mongodb_client.py        talking to a running server from inside its host

Each service has an account of the region's own, whose random password is kept on the service's host alone:
the region's control plane must reach a service whatever its users did to their own accounts.
"""
