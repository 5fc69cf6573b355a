"""The shape of a resource: one class per type token, made of plain inputs and outputs."""

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar

from region import schema
from region.names import resource_id
from region.region import Region

Properties = dict[str, Any]


class Resource:
    """One kind of resource. Subclasses set `type` and `prefix` and implement what their kind can do.

    Outputs hold the inputs too, as the real provider's do. Whatever fails raises `RegionError`.
    """

    type: ClassVar[str]
    prefix: ClassVar[str]
    updates: ClassVar[bool] = True

    def __init__(self, region: Region) -> None:
        self.region = region

    def open(self) -> None:
        """Get the machine ready for a creation."""
        self.region.open()

    def id_for(self, urn: str, inputs: Properties) -> str:
        """The id that this resource gets; the same again after a creation that was killed.

        A resource on record under that id means that this one replaces it: the next generation's id is taken.
        """
        generation = 0
        while (record := self.region.records.get(self.type, self.make_id(urn, generation, inputs))) and not (
            record.urn == urn and record.inputs == inputs
        ):
            generation += 1
        return self.make_id(urn, generation, inputs)

    def id_after(self, gone: str, urn: str, inputs: Properties) -> str:
        """The id of what comes in the place of a thing that is gone; the same where names make the ids."""
        if self.make_id(urn, 0, inputs) == self.make_id(urn, 1, inputs):
            return gone
        ids = (self.make_id(urn, generation, inputs) for generation in itertools.count())
        return next(id_ for id_ in ids if id_ != gone and not self.region.records.get(self.type, id_))

    def make_id(self, urn: str, generation: int, inputs: Properties) -> str:
        """The id of one generation. Types whose ids are made of their inputs override this."""
        del inputs
        return resource_id(self.prefix, urn, generation)

    def check(self, inputs: Properties) -> list[schema.Failure]:
        """What is wrong with the inputs beyond the tables."""
        del inputs
        return []

    def create(self, id_: str, inputs: Properties) -> Properties:
        """Make it and return the computed outputs."""
        raise NotImplementedError

    def read(self, id_: str, outputs: Properties) -> Properties | None:
        """The outputs as the thing is now, or None when it is gone. Changes nothing.

        What differs from what was asked shows in the inputs' names too, so that the engine plans an update.
        """
        del id_
        return outputs

    def adopt(self, id_: str) -> tuple[Properties, Properties] | None:
        """The inputs and computed outputs of a thing that is there without being on record, for an import.

        None where there is no such thing, or where what was asked for can't be told from what is there.
        """
        del id_
        return None

    def update(self, id_: str, old: Properties, new: Properties) -> Properties:
        """Change the running thing to `new`, whatever of it has drifted, and return the computed outputs.

        `old` is what the last read or change answered.
        """
        raise NotImplementedError

    def settled(self, outputs: Properties) -> None:
        """Called when the record of this resource was written or dropped: lay anew what is made from records."""
        del outputs

    def delete(self, id_: str, outputs: Properties) -> None:
        """Remove it; nothing happens when it is gone already."""
        raise NotImplementedError


def computed(outputs: Mapping[str, Any], *names: str) -> Properties:
    """Just those outputs, for an update that leaves them as they are."""
    return {name: outputs[name] for name in names if name in outputs}
