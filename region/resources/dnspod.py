"""Public DNS (DNSPod): names that every resolver of the region answers, as the internet's would."""

import time
import zlib

from region import resolver, resolver_names, schema
from region.errors import RegionError
from region.resolver_names import DOMAIN, PUBLIC_RECORD
from region.resources.base import Properties, Resource, computed
from region.resources.private_dns import kind_failures
from region.resources.vpc import VPC


class _Public(Resource):
    def _resolvers(self) -> list[resolver_names.Answers]:
        return [resolver.answered(self.region, vpc.id) for vpc in self.region.records.all(VPC)]

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the resolvers forget it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)


class Domain(_Public):
    """A domain at DNSPod: every resolver of the region answers for it.

    Equal: `status` switches it off and on, the remark changes; a domain exists once, and its name replaces it.

    Differs: there is no registrar and no delegation: whoever asks a resolver of the region gets the answer, and the
    machine's own names stay as they are. Marks and groups are kept on record.
    """

    type = DOMAIN
    prefix = "domain"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        return str(inputs["domain"])

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {
            "createTime": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            "domainId": zlib.crc32(id_.encode()),
            "slaveDns": "no",
        }

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        if (self.region.get(self.type, id_).inputs.get("status") or "enable") != "enable":
            return outputs
        return outputs if all(seen.knows(outputs["domain"]) for seen in self._resolvers()) else None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "createTime", "domainId", "slaveDns")


class Record(_Public):
    """A record of a domain at DNSPod: one line of the configuration of each resolver of the region.

    Equal: A, AAAA, CNAME, MX and TXT, their value, name and time to live; switched off, it is not answered. One that a
    resolver lost, or that was changed there by hand, is read so.

    Differs: there is one line, the default one: `recordLine` and `weight` are kept on record; a CNAME is followed only
    to names that the region knows, such as its CDN's.
    """

    type = PUBLIC_RECORD
    prefix = "record"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The provider's id of a record is its domain and a number.
        return f"{inputs['domain']}#{zlib.crc32(f'{urn}#{generation}'.encode())}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return kind_failures(inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        if not self._exists(inputs["domain"]):
            raise RegionError(
                f"domain {inputs['domain']!r} does not exist at the DNS of region {self.region.name}"
            )
        return {"monitorStatus": ""}

    def _exists(self, domain: str) -> bool:
        return any(record.inputs["domain"] == domain for record in self.region.records.all(DOMAIN))

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        asked = self.region.get(self.type, id_).inputs
        name = resolver_names.public_name(asked)
        if name is None:
            return outputs
        if not self._exists(asked["domain"]):
            return None
        names = resolver_names.names_of(self.region.records.all(PUBLIC_RECORD)).get(asked["domain"], [])
        others = [other for record, other in names if record.id != id_]
        for seen in self._resolvers():
            found = seen.find(name, others)
            if found is None:
                return None
            if found != (name.value, name.ttl):
                return {**outputs, "value": found[0], "ttl": found[1]}
        return {**outputs, **computed(asked, "value", "ttl")}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return computed(old, "monitorStatus")


RESOURCES = (Domain, Record)
