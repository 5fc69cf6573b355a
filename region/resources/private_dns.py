"""Private DNS: names that the resolver of an attached VPC answers."""

from region import resolver
from region.resources.base import Properties, Resource


class Zone(Resource):
    type = resolver.ZONE
    prefix = "zone"

    def create(self, id_: str, inputs: Properties) -> Properties:
        return {}

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        return {}

    def delete(self, id_: str, outputs: Properties) -> None:
        """Nothing of its own; the resolver forgets it once it is off the record."""

    def settled(self, outputs: Properties) -> None:
        resolver.refresh(self.region)


class Record(Zone):
    type = resolver.RECORD
    prefix = "record"

    def create(self, id_: str, inputs: Properties) -> Properties:
        self.region.get(resolver.ZONE, inputs["zoneId"])
        return {}


RESOURCES = (Zone, Record)
