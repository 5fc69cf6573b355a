"""Private DNS: names that the resolver of an attached VPC answers."""

import zlib

from region import resolver, resolver_names, schema
from region.resolver_names import KINDS, RECORD, ZONE, ZONE_VPC
from region.resources.base import Properties, Resource, computed


class _Name(Resource):
    def create(self, id_: str, inputs: Properties) -> Properties:
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the resolver forgets it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)


class Zone(_Name):
    """A private zone: names that exist in the VPCs it is attached to, and nowhere else; dnsmasq answers them.

    Equal: other VPCs don't know its names; the VPCs, the remark and the tags change while it serves. A VPC whose
    resolver doesn't answer for the zone is missing from `vpcSets`.

    Differs: unknown names of the zone are never asked for outside, whatever `dnsForwardStatus` says; VPCs of other
    accounts and CNAME acceleration are kept on record.
    """

    type = ZONE
    prefix = "zone"

    def create(self, id_: str, inputs: Properties) -> Properties:
        for vpc in inputs.get("vpcSets") or []:
            self.region.get(resolver.VPC, vpc["uniqVpcId"])
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return self.create(id_, new)

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        wanted = outputs.get("vpcSets") or []
        seen = [
            vpc for vpc in wanted if resolver.answered(self.region, vpc["uniqVpcId"]).knows(outputs["domain"])
        ]
        return outputs if seen == wanted else {**outputs, "vpcSets": seen}


class Record(_Name):
    """A record of a private zone: one line of the configuration of each attached VPC's resolver.

    Equal: A, AAAA, CNAME, MX, TXT and PTR, their value, name and time to live; switched off, it is not answered. One
    that a resolver lost, or that was changed there by hand, is read so.

    Differs: `weight` is kept on record, several addresses of one name are answered all at once; MX, TXT and PTR
    records are answered with a time to live of 0; a CNAME is followed only to names that the region knows.
    """

    type = RECORD
    prefix = "record"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # The provider's id of a record is its zone and a number.
        return f"{inputs['zoneId']}#{zlib.crc32(f'{urn}#{generation}'.encode())}"

    def check(self, inputs: Properties) -> list[schema.Failure]:
        return kind_failures(inputs)

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(ZONE, inputs["zoneId"])
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        records = self.region.records.all()
        zone = self.region.records.get(ZONE, outputs["zoneId"])
        asked = self.region.get(self.type, id_).inputs
        name = resolver_names.private_name(zone.inputs["domain"], asked) if zone else None
        if zone is None or name is None:
            return None if zone is None else outputs
        others = [
            other for record, other in resolver_names.names_of(records).get(zone.id, []) if record.id != id_
        ]
        for vpc in sorted(resolver_names.attached(zone, records)):
            found = resolver.answered(self.region, vpc).find(name, others)
            if found is None:
                return None
            if found != (name.value, name.ttl):
                return {**outputs, "recordValue": found[0], "ttl": found[1]}
        return {**outputs, **computed(asked, "recordValue", "ttl")}


class ZoneVpc(_Name):
    """A VPC that a private zone is attached to, apart from the zone's own list.

    Equal: the VPC knows the zone's names from then on, and not after its deletion.

    Differs: VPCs of other accounts are kept on record.
    """

    type = ZONE_VPC
    prefix = "zva"

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        # As the provider's own: zone, VPC and, where there is one, account.
        vpc = inputs.get("vpcSet") or inputs.get("accountVpcSet") or {}
        return "#".join(part for part in (inputs["zoneId"], vpc.get("uniqVpcId"), vpc.get("uin")) if part)

    def id_for(self, urn: str, inputs: Properties) -> str:
        return self.make_id(urn, 0, inputs)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        if not inputs.get("vpcSet") and not inputs.get("accountVpcSet"):
            return [("vpcSet", "is required where there is no accountVpcSet")]
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(ZONE, inputs["zoneId"])
        if vpc := inputs.get("vpcSet"):
            self.region.get(resolver.VPC, vpc["uniqVpcId"])
        return {}

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        zone = self.region.records.get(ZONE, outputs["zoneId"])
        vpc = outputs.get("vpcSet")
        if zone is None:
            return None
        known = not vpc or resolver.answered(self.region, vpc["uniqVpcId"]).knows(zone.inputs["domain"])
        return outputs if known else None


def kind_failures(inputs: Properties) -> list[schema.Failure]:
    """What is wrong with a record's type."""
    kind = inputs.get("recordType")
    if kind in (None, schema.UNKNOWN, *KINDS):
        return []
    return [("recordType", f"{kind!r} is not realised by the local region ({', '.join(KINDS)})")]


RESOURCES = (Zone, Record, ZoneVpc)
