"""The CDN domain in front of the shop's media and static files."""

from dataclasses import dataclass

import pulumi
import tencentcloud_iac_pulumi as tencentcloud

from infra.components.component import Common, Component
from infra.settings import CdnSettings

_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class CdnArgs:
    """What the CDN stands in front of."""

    common: Common
    domain: str
    origin_domain: str
    origin_address: pulumi.Output[str]
    certificate_id: pulumi.Output[str]
    settings: CdnSettings


class Cdn(Component):
    """Its origin is the balancer, so that media and static files have the shop's own paths."""

    def __init__(self, name: str, args: CdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        domain = tencentcloud.cdn.Domain(
            self.child_name("domain"),
            domain=args.domain,
            service_type="web",
            area="mainland",
            origin=tencentcloud.cdn.DomainOriginArgs(
                origin_type="ip",
                origin_lists=[args.origin_address],
                origin_pull_protocol="https",
                server_name=args.origin_domain,
            ),
            https_config=tencentcloud.cdn.DomainHttpsConfigArgs(
                https_switch="on",
                http2_switch="on",
                server_certificate_config=tencentcloud.cdn.DomainHttpsConfigServerCertificateConfigArgs(
                    certificate_id=args.certificate_id
                ),
                force_redirect=tencentcloud.cdn.DomainHttpsConfigForceRedirectArgs(
                    switch="on", redirect_type="https", redirect_status_code=301
                ),
            ),
            # The cloud gives the last matching rule the highest priority.
            rule_caches=[
                _origin_decides(),
                _cached("/static", 30 * _DAY),
                _cached("/media", _DAY),
                _not_cached("/api"),
            ],
            tags=args.common.tags,
            opts=self.child(delete_first=True),
        )
        self._tasks(args, domain)
        self.cname: pulumi.Output[str] = domain.cname
        self.register_outputs({"cname": self.cname})

    def _tasks(self, args: CdnArgs, domain: tencentcloud.cdn.Domain) -> None:
        """What was asked to be forgotten, then what was asked to be fetched ahead."""
        settings, before = args.settings, list[pulumi.Resource]([domain])
        if settings.purge:
            purge = tencentcloud.cdn.UrlPurge(
                self.child_name("purge"),
                urls=[f"https://{args.domain}{path}" for path in settings.purge],
                redo=settings.redo,
                opts=pulumi.ResourceOptions(parent=self, depends_on=before),
            )
            before = [domain, purge]
        if settings.push:
            tencentcloud.cdn.UrlPush(
                self.child_name("push"),
                urls=[f"https://{args.domain}{path}" for path in settings.push],
                redo=settings.redo,
                opts=pulumi.ResourceOptions(parent=self, depends_on=before),
            )


def _origin_decides() -> tencentcloud.cdn.DomainRuleCacheArgs:
    return tencentcloud.cdn.DomainRuleCacheArgs(
        rule_type="all",
        rule_paths=["*"],
        cache_time=0,
        switch="off",
        no_cache_switch="off",
        follow_origin_switch="on",
    )


def _cached(path: str, seconds: int) -> tencentcloud.cdn.DomainRuleCacheArgs:
    return tencentcloud.cdn.DomainRuleCacheArgs(
        rule_type="directory",
        rule_paths=[path],
        cache_time=seconds,
        switch="on",
        no_cache_switch="off",
        follow_origin_switch="off",
    )


def _not_cached(path: str) -> tencentcloud.cdn.DomainRuleCacheArgs:
    return tencentcloud.cdn.DomainRuleCacheArgs(
        rule_type="directory",
        rule_paths=[path],
        cache_time=0,
        switch="off",
        no_cache_switch="on",
        follow_origin_switch="off",
    )
