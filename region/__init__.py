"""The local region: the Tencent Cloud resources of the stack as real things on one Linux machine.

    provider.py    the gRPC provider that the Pulumi engine speaks to
    resources/     one file per kind of resource: what it is made of here
    schema.py      Check and Diff, from the real provider's own schema (schema/*.json)
    hosts.py       a host: an overlay root booted by systemd-nspawn in a network namespace of its own
    network.py     routers, links, addresses and routes; firewall.py turns security groups into nftables
    images.py      the root file systems that hosts boot from
    authority.py   the region's certificate authority
    records.py     what was asked for, one JSON file per resource: the region's control plane
    teardown.py    finds by name whatever the region made on the machine, and removes it

Nothing here imports `shopctl`, `infra` or `app`.
"""
