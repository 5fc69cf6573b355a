"""TCR: a registry of container images, docker-registry on a host of the region's internet."""

import re

from region import resolver, schema
from region.errors import RegionError
from region.resources.base import Properties, Resource, computed
from region.resources.tcr_objects import Namespace, Repository, Token
from region.services import placement, registry, registry_config
from region.services.registry_config import Door

TYPES = ("basic", "standard", "premium")
COMPUTED = ("expiredAt", "internalEndPoint", "publicDomain")
_LABEL = re.compile(r"(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*")
"""What a name can be that is the first label of a domain (RFC 1035, 2.3.1)."""


class Instance(Resource):
    """A TCR instance: docker-registry 2.8 behind Nginx on a host of its own, at a public address and the instance's
    public name, with a certificate of the region's authority.

    Equal: HTTPS and the registry's protocol (distribution, API version 2); its name is unique; who may come over the
    internet (`openPublicOperation`, `securityPolicies`) changes while images are pulled, and without a policy nobody
    may. Images are on the host's own disk and survive a crash; manifests can be deleted, and what no image needs any
    more goes by itself within some ten minutes. What a hand has changed of the policies is read as it is, and one that
    is down as one without `instanceType`, so that the next `up` mends both.

    Differs: a VPC has no entrance of its own (`internalEndPoint` is empty): hosts come by their NAT gateway. What is
    closed refuses with 403, and its name isn't known in the region. The images go with the instance, whatever
    `deleteBucket` says. `instanceType` sets no quota; `replications`, the way of paying and tags are kept on record.
    """

    type = registry.INSTANCE
    prefix = "tcr"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        found: list[schema.Failure] = []
        name, kind = inputs.get("name"), inputs.get("instanceType")
        if _known(name) and not _LABEL.fullmatch(str(name)):
            found.append(
                ("name", f"{name!r} has to be at most 63 lower-case letters, digits and single hyphens")
            )
        if _known(kind) and kind not in TYPES:
            found.append(("instanceType", f"has to be one of {', '.join(TYPES)}, not {kind!r}"))
        if inputs.get("securityPolicies") and not inputs.get("openPublicOperation"):
            found.append(("securityPolicies", "need `openPublicOperation` to be true"))
        return found

    def create(self, id_: str, inputs: Properties) -> Properties:
        others = self.region.records.all(self.type)
        if any(other.inputs["name"] == inputs["name"] for other in others if other.id != id_):
            raise RegionError(
                f"there is a TCR instance {inputs['name']!r} already in region {self.region.name}"
            )
        self.delete(id_, {})
        registry.make(self.region, id_, inputs["name"], _door(inputs))
        return {
            "expiredAt": "",
            "internalEndPoint": "",
            "publicDomain": registry.domain_of(inputs["name"]),
            **_status(inputs),
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if not self.region.has_host(id_):
            return None
        control = self.region.host(id_)
        if not registry.serves(control):
            return {**outputs, "instanceType": "", "publicStatus": "Closed", "status": "Pending"}
        allowed = registry_config.found_allowed(registry.text_of(control, registry.NGINX))
        if sorted(allowed) == sorted(_door(outputs).allowed):
            return {**outputs, **_status(outputs)}
        asked = {policy.get("cidrBlock"): policy for policy in outputs.get("securityPolicies") or ()}
        found = [asked.get(source, {"cidrBlock": source}) for source in allowed]
        return {**outputs, **_status(outputs), "securityPolicies": found}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        if not self.region.has_host(id_):
            raise placement.gone(self.type, id_)
        control = self.region.host(id_)
        if control.leader() is None:
            control.boot()
        text = registry_config.nginx(_door(new))
        if registry.text_of(control, registry.NGINX) != text:
            registry.lay(control, registry.NGINX, text)
            registry.reload(control)
        registry.revive(control)
        registry.refresh(self.region, id_)
        return {**computed(old, *COMPUTED), **_status(new)}

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)

    def delete(self, id_: str, outputs: Properties) -> None:
        self.region.remove_host(id_)


def _known(value: object) -> bool:
    return value not in (None, schema.UNKNOWN)


def _door(inputs: Properties) -> Door:
    policies = inputs.get("securityPolicies") or () if inputs.get("openPublicOperation") else ()
    return Door(
        registry.domain_of(inputs["name"]),
        tuple(policy["cidrBlock"] for policy in policies if policy.get("cidrBlock")),
    )


def _status(inputs: Properties) -> Properties:
    return {"status": "Running", "publicStatus": "Opened" if inputs.get("openPublicOperation") else "Closed"}


RESOURCES = (Instance, Namespace, Repository, Token)
