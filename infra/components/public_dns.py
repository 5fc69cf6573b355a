"""The public DNS zone: where the shop's domain and its CDN's lead."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component

# DNSPod's name for its default line: what everybody is answered whom no other line is for.
_EVERYBODY = "默认"
# The least that a free zone allows.
_TTL = 600


@dataclass(frozen=True)
class PublicDnsArgs:
    """The zone, and what its two names point to."""

    common: Common
    zone: str
    domain: str
    vip: pulumi.Output[str]
    cdn_domain: str
    cdn_cname: pulumi.Output[str]


class PublicDns(Component):
    """At DNSPod: the shop's domain is its balancer's address, the CDN's domain an alias of the CDN's own name."""

    def __init__(self, name: str, args: PublicDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = args.zone
        self._zone = tencentcloud.dnspod.DomainInstance(
            self.child_name("zone"),
            domain=args.zone,
            remark=f"The shop ({args.common.environment})",
            opts=self.child(),
        )
        self._record("shop", args.domain, "A", args.vip)
        # The root's dot belongs to the value as DNSPod keeps it; without it every plan would show a difference.
        self._record("cdn", args.cdn_domain, "CNAME", args.cdn_cname.apply(lambda cname: f"{cname}."))
        self.register_outputs({"zone": self._zone.domain})

    def _record(self, name: str, domain: str, kind: str, value: pulumi.Output[str]) -> None:
        tencentcloud.dnspod.Record(
            self.child_name(name),
            domain=self._zone.domain,
            sub_domain=host_record(domain, self._name),
            record_type=kind,
            record_line=_EVERYBODY,
            value=value,
            ttl=_TTL,
            opts=self.child(delete_first=True),
        )


def host_record(domain: str, zone: str) -> str:
    """What a domain is called within its zone: `@` for the zone's own name."""
    return "@" if domain == zone else domain.removesuffix(f".{zone}")
