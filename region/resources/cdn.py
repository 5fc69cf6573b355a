"""CDN domain: a host with a caching nginx before its origin, at a public address of the region."""

import socket
import time
from copy import deepcopy

from region import cdn_nginx, cdn_read, resolver, schema
from region.balancing import CERTIFICATE
from region.hosts import Host, HostControl
from region.network import INTERNET
from region.resolver_names import CDN
from region.resources.base import Properties, Resource, computed
from region.settings import CDN_SLOTS

COMPUTED = ("cname", "createTime", "status", "dryRunCreateResult", "dryRunUpdateResult")
CONFIG = "/etc/nginx/nginx.conf"
ORIGINS = (None, schema.UNKNOWN, "ip", "domain", "cos")


class Domain(Resource):
    """A domain that is served from a cache: a host with nginx before its origin, at a public address of its own.

    Equal: caching rules by directory, file type, path and for all, the last one that matches first; the origin asked by
    its own name, by HTTP or by HTTPS with its certificate verified; stale objects while it is down; certificate, TLS
    versions, HTTP/2 and redirect; the timeouts of pulling; keys with or without the query. Each changes without cutting
    a connection, and the cache survives. What a hand has changed of nginx's configuration or certificate is read as
    it is, and a domain that is not served has an empty `area`.

    Differs: one edge instead of many, whatever `area` says. Not realised, and kept on record: `authentication`,
    `bandWidthAlert`, `compression`, `downstreamCapping`, `errorPage`, `ipFilter`, `ipFreqLimit`, `maxAge`, `referer`,
    `requestHeader`, `responseHeader`, `statusCodeCache`, `postMaxSizes`, `quicSwitch`, `seoSwitch`, `videoSeekSwitch`,
    origins of other clouds, backup origins and IPv6.
    """

    type = CDN
    prefix = "cdn"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        origin = inputs.get("origin") or {}
        if isinstance(origin, dict) and origin.get("originType") not in ORIGINS:
            kind = origin["originType"]
            return [("origin.originType", f"{kind!r} is not realised by the local region (ip, domain, cos)")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        address = self.region.lease_public(CDN_SLOTS, host_id=id_)
        binds = {"/var/cache/nginx": "cache"}
        host = Host(id_, inputs["domain"], "cdn", "managed", INTERNET, (address,), "127.0.0.1", binds)
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
        for path, text in self._certificate(inputs).items():
            control.write(path, text, 0o600)
        # The cache belongs to nginx's worker, as the image has it.
        control.write(CONFIG, cdn_nginx.configuration(inputs, tls=_secure(inputs)))

    def _certificate(self, inputs: Properties) -> dict[str, str]:
        """The certificate's files and what belongs in them."""
        id_ = _named(inputs)
        if not id_:
            return {}
        kept = self.region.get(CERTIFICATE, id_).inputs
        return {cdn_nginx.CERTIFICATE: f"{kept['cert']}\n", cdn_nginx.KEY: f"{kept.get('key') or ''}\n"}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        control = self.region.host(id_)
        text = _text(control, CONFIG)
        found = {**outputs, **cdn_read.differences(text, outputs, tls=_secure(outputs))}
        known = self.region.records.get(CERTIFICATE, _named(outputs) or "")
        if known and any(_text(control, path) != pem for path, pem in self._certificate(outputs).items()):
            # Another one is served, which has no id.
            config = deepcopy(found.get("httpsConfig") or {})
            config["serverCertificateConfig"]["certificateId"] = ""
            found["httpsConfig"] = config
        return found if _serves(control) else {**found, "area": "", "status": "offline"}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        control = self.region.host(id_)
        control.boot()
        self._configure(id_, new)
        control.run(["nginx", "-t", "-q"])
        if not _serves(control):
            control.run(["systemctl", "reset-failed", "nginx"])
            control.run(["systemctl", "restart", "nginx"])
        else:
            before = _workers(control)
            control.run(["systemctl", "reload", "nginx"])
            # The command comes back before the new configuration serves.
            until = time.monotonic() + 10
            while _workers(control) <= before and time.monotonic() < until:
                time.sleep(0.02)
        return {**computed(old, *COMPUTED), "status": "online"}

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


def _named(inputs: Properties) -> str | None:
    """The id of the certificate that a domain is asked for with."""
    config = (inputs.get("httpsConfig") or {}).get("serverCertificateConfig") or {}
    id_: str | None = config.get("certificateId")
    return id_


def _secure(inputs: Properties) -> bool:
    return _named(inputs) is not None and inputs["httpsConfig"].get("httpsSwitch") != "off"


def _text(control: HostControl, path: str) -> str:
    file = control.root / path.lstrip("/")
    return file.read_text() if file.exists() else ""


def _serves(control: HostControl) -> bool:
    """Whether anything takes connections there."""
    if not control.leader():
        return False
    try:
        socket.create_connection((control.host.address, 80), 2).close()
    except OSError:
        return False
    return True


def _workers(control: HostControl) -> set[str]:
    """The process ids of nginx's workers."""
    return set(control.run(["pgrep", "--full", "nginx: worker process$"]).split())


RESOURCES = (Domain,)
