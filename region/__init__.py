"""The local region: the Tencent Cloud resources of the stack as real things on one Linux machine.

    provider.py    the gRPC provider that the Pulumi engine speaks to
    resources/     one file per kind of resource: what it is made of here
    plugin.py      the provider as a process of its own; wire.py its messages as plain data
    schema.py      what Check refuses, by the real provider's own schema (schema/*.json); formats.py which texts
    checked.py     what Check answers; differences.py what Diff answers; traits.py what both know beyond the tables
    sketches.py    resources on record only, for plans and tests
    hosts.py       a host: an overlay root booted by systemd-nspawn in a network namespace of its own
    nspawn.py      the process behind a host; cgroups.py its control groups, spawn.py its first step
    services/      what the managed services have in common: configurations, accounts, replication
    network.py     routers, links, addresses and routes; firewall.py turns security groups into nftables
    images.py      the root file systems that hosts boot from
    authority.py   the region's certificate authority
    records.py     what was asked for, one JSON file per resource: the region's control plane
    wechat/        WeChat, for shops of a region: an account, the sandbox, its host
    revive.py      starts again what a restart of the machine took down
    teardown.py    finds by name whatever the region made on the machine, and removes it
    limits.py      the one setting of the machine that hosts share

Nothing here imports `shopctl`, `infra` or `app`.
"""
