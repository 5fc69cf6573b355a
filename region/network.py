"""The region's routers: network namespaces with forwarding, joined by veth pairs.

`internet` joins the machine (the operator), the public services and every VPC; each VPC has a router of its own, in
which its security groups are enforced. A host hangs on its router by a veth with /32 routes, so that traffic between
two hosts of one subnet passes the router's firewall too (bridges have no connection tracking on every kernel).
"""

from collections.abc import Iterable

from region import names
from region.errors import ProcessError
from region.process import run
from region.settings import RegionSettings

INTERNET = "internet"
GATEWAY = "169.254.1.1"
"""What every host has as its next hop; link-local (RFC 3927), so it can't meet an address of the region."""

VPC_GATEWAY = "169.254.1.2"
"""A VPC router's end of its link to the internet side."""
INTERNET_GATEWAY = "169.254.1.3"
"""The other end. Not `GATEWAY`: a router takes no ARP request from an address that it has itself."""


def _ip(*words: str) -> None:
    run(["ip", *words])


def _batch(namespace: str, lines: Iterable[str]) -> None:
    run(["ip", "-n", namespace, "-batch", "-"], stdin="\n".join(lines) + "\n")


def namespaces() -> set[str]:
    """Names of the machine's network namespaces."""
    return {line.split()[0] for line in run(["ip", "netns", "list"]).splitlines() if line.strip()}


def _sysctl(namespace: str, *pairs: str) -> None:
    run(["ip", "netns", "exec", namespace, "sysctl", "-qw", *pairs])


class Network:
    """Links and routes of one region. Every method is safe to repeat."""

    def __init__(self, settings: RegionSettings) -> None:
        self.settings = settings

    def namespace(self, thing: str) -> str:
        return names.namespace(self.settings.name, thing)

    def has(self, thing: str) -> bool:
        return self.namespace(thing) in namespaces()

    def open(self) -> None:
        """Join the machine to the region: one namespace, one link, one route, and an unreachable one under it."""
        settings, uplink = self.settings, names.uplink(self.settings.name)
        # First, so that with no region up an address of it is an error and never a packet on the wire.
        _ip("route", "replace", "unreachable", settings.cidr, "metric", "4294967295")
        internet = self._router(INTERNET)
        try:
            run(["ip", "link", "show", uplink])
        except ProcessError:
            _ip("link", "add", uplink, "type", "veth", "peer", "name", "operator", "netns", internet)
        _batch(
            internet,
            [
                f"address replace {settings.gateway}/32 dev operator",
                "link set operator up",
                f"route replace {settings.operator}/32 dev operator",
                # An address that nobody has is refused at once, instead of going round between routers.
                f"route replace unreachable {settings.cidr}",
            ],
        )
        _ip("address", "replace", f"{settings.operator}/32", "dev", uplink)
        _ip("link", "set", uplink, "up")
        _ip("route", "replace", f"{settings.gateway}/32", "dev", uplink, "src", str(settings.operator))
        _ip(
            "route",
            "replace",
            settings.cidr,
            "via",
            str(settings.gateway),
            "dev",
            uplink,
            "src",
            str(settings.operator),
        )

    def open_vpc(self, vpc_id: str, cidr: str) -> None:
        """Make the router of a VPC and join it to the internet side."""
        router, internet = self._router(vpc_id), self.namespace(INTERNET)
        if not _has_link(router, INTERNET):
            # One that is still there goes with the router that was before, some moments after it.
            run(["ip", "-n", internet, "link", "delete", vpc_id], check=False)
            _ip(
                "-n",
                internet,
                "link",
                "add",
                vpc_id,
                "type",
                "veth",
                "peer",
                "name",
                INTERNET,
                "netns",
                router,
            )
        _batch(
            internet,
            [
                f"address replace {INTERNET_GATEWAY}/32 dev {vpc_id}",
                f"link set {vpc_id} up",
                f"route replace {cidr} via {VPC_GATEWAY} dev {vpc_id} onlink",
            ],
        )
        _batch(
            router,
            [
                f"address replace {VPC_GATEWAY}/32 dev {INTERNET}",
                f"link set {INTERNET} up",
                f"route replace default via {INTERNET_GATEWAY} dev {INTERNET} onlink",
                f"route replace unreachable {cidr}",
            ],
        )

    def close_vpc(self, vpc_id: str) -> None:
        """Remove the router of a VPC and its link, which the kernel would take away only some moments later."""
        if self.has(INTERNET) and _has_link(self.namespace(INTERNET), vpc_id):
            _ip("-n", self.namespace(INTERNET), "link", "delete", vpc_id)
        self._delete_namespace(vpc_id)

    def reached(self, router: str) -> dict[str, str] | None:
        """The addresses that a router has a link for, with the link's name; None where there is no router."""
        name = self.namespace(router)
        if name not in namespaces():
            return None
        lines = run(["ip", "-n", name, "route", "show"]).splitlines()
        words = [line.split() for line in lines]
        return {line[0]: line[2] for line in words if line[1:2] == ["dev"]}

    def lead(self, router: str, address: str) -> None:
        """Have a public address lead to a VPC's router, where what nobody asked for ends."""
        _batch(
            self.namespace(INTERNET),
            [f"route replace {address}/32 via {VPC_GATEWAY} dev {router} onlink"],
        )
        _batch(self.namespace(router), [f"route replace unreachable {address}/32"])

    def led(self, router: str) -> set[str]:
        """The addresses outside of it that lead to a VPC's router."""
        internet = self.namespace(INTERNET)
        if not {self.namespace(router), internet} <= namespaces() or not _has_link(internet, router):
            return set()
        lines = run(["ip", "-n", internet, "route", "show", "dev", router]).splitlines()
        return {line.split()[0] for line in lines if line.strip()}

    def forget(self, router: str, address: str) -> None:
        """Undo `lead`."""
        if address in self.led(router):
            _batch(self.namespace(INTERNET), [f"route delete {address}/32 dev {router}"])
            _batch(self.namespace(router), [f"route delete unreachable {address}/32"])

    def attach(self, host_id: str, router: str, addresses: Iterable[str]) -> str:
        """Give a host a namespace with `eth0` on the router, holding `addresses`; returns the namespace's name."""
        host = self.namespace(host_id)
        if host not in namespaces():
            _ip("netns", "add", host)
        if not _has_link(self.namespace(router), host_id):
            _ip(
                "-n",
                self.namespace(router),
                "link",
                "add",
                host_id,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                host,
            )
        _batch(
            self.namespace(router), [f"address replace {GATEWAY}/32 dev {host_id}", f"link set {host_id} up"]
        )
        _batch(host, ["link set lo up", "link set eth0 up"])
        for address in addresses:
            self.add_address(host_id, router, address)
        _batch(host, [f"route replace default via {GATEWAY} dev eth0 onlink"])
        return host

    def add_address(self, host_id: str, router: str, address: str) -> None:
        """Give a host an address and lead the routers to it. A virtual address moves by being added elsewhere."""
        _batch(self.namespace(host_id), [f"address replace {address}/32 dev eth0"])
        _batch(self.namespace(router), [f"route replace {address}/32 dev {host_id}"])
        if router != INTERNET:
            _batch(
                self.namespace(INTERNET),
                [f"route replace {address}/32 via {VPC_GATEWAY} dev {router} onlink"],
            )

    def drop_address(self, host_id: str, address: str) -> None:
        """Take an address from a host; the routes to it stay, for whoever is given it next."""
        held = run(["ip", "-n", self.namespace(host_id), "-o", "address", "show", "dev", "eth0"])
        if f" {address}/32 " in held:
            _batch(self.namespace(host_id), [f"address delete {address}/32 dev eth0"])

    def detach(self, host_id: str, router: str) -> None:
        """Remove a host's link to its router, with the routes over it, and its namespace.

        The kernel takes a namespace's links away some moments after it: one that is still there would be taken for
        the link of a host that is made anew.
        """
        if self.has(router) and _has_link(self.namespace(router), host_id):
            _ip("-n", self.namespace(router), "link", "delete", host_id)
        self._delete_namespace(host_id)

    def _router(self, thing: str) -> str:
        name = self.namespace(thing)
        if name not in namespaces():
            _ip("netns", "add", name)
        _batch(name, ["link set lo up"])
        _sysctl(name, "net.ipv4.ip_forward=1")
        return name

    def _delete_namespace(self, thing: str) -> None:
        if self.has(thing):
            _ip("netns", "delete", self.namespace(thing))


def _has_link(namespace: str, name: str) -> bool:
    return any(
        line.split(":")[1].strip().split("@")[0] == name
        for line in run(["ip", "-n", namespace, "-o", "link"]).splitlines()
    )
