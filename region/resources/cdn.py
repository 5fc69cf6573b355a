"""CDN domain: a host with a caching nginx before its origin, at a public address of the region."""

import time

from region import cdn_nginx, resolver, schema
from region.hosts import Host, HostControl
from region.network import INTERNET
from region.resources.base import Properties, Resource, computed
from region.resources.certificate import TYPE as CERTIFICATE
from region.settings import CDN_SLOTS

COMPUTED = ("cname", "createTime", "status", "dryRunCreateResult", "dryRunUpdateResult")
CONFIG = "/etc/nginx/nginx.conf"


class Domain(Resource):
    type = resolver.CDN
    prefix = "cdn"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        origin = inputs.get("origin") or {}
        if isinstance(origin, dict) and origin.get("originType") not in (
            None,
            schema.UNKNOWN,
            "ip",
            "domain",
            "cos",
        ):
            return [
                (
                    "origin.originType",
                    f"{origin['originType']!r} is not realised by the local region (ip, domain, cos)",
                )
            ]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        address = self.region.lease_public(CDN_SLOTS, host_id=id_)
        host = Host(
            id_,
            inputs["domain"],
            "cdn",
            "managed",
            INTERNET,
            (address,),
            "127.0.0.1",
            {"/var/cache/nginx": "cache"},
        )
        control = self.region.prepare(host)
        control.enable("nginx")
        self._configure(id_, inputs)
        control.boot()
        control.wait_for(["systemctl", "is-active", "--quiet", "nginx"], "nginx")
        return {
            "cname": f"{inputs['domain']}.cdn.dnsv1.com",
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "status": "online",
            "dryRunCreateResult": "",
            "dryRunUpdateResult": "",
        }

    def _configure(self, id_: str, inputs: Properties) -> None:
        control = self.region.host(id_)
        certificate = ((inputs.get("httpsConfig") or {}).get("serverCertificateConfig") or {}).get(
            "certificateId"
        )
        if certificate:
            kept = self.region.get(CERTIFICATE, certificate).inputs
            control.write(cdn_nginx.CERTIFICATE, kept["cert"] + "\n")
            control.write(cdn_nginx.KEY, kept["key"] + "\n", 0o600)
        # The cache belongs to nginx's worker, as the image has it.
        control.write(CONFIG, cdn_nginx.configuration(inputs, tls=bool(certificate)))

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        return outputs if self.region.has_host(id_) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        self._configure(id_, new)
        control = self.region.host(id_)
        control.boot()
        control.run(["nginx", "-t", "-q"])
        before = _workers(control)
        control.run(["systemctl", "reload", "nginx"])
        # The command comes back before the new configuration serves.
        until = time.monotonic() + 10
        while _workers(control) <= before and time.monotonic() < until:
            time.sleep(0.02)
        return computed(old, *COMPUTED)

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


def _workers(control: HostControl) -> set[str]:
    """The process ids of nginx's workers."""
    return set(control.run(["pgrep", "--full", "nginx: worker process$"]).split())


RESOURCES = (Domain,)
