"""Fields that bodies and addresses of the API share: bounded, and free of what can't be stored."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from annotated_types import GroupedMetadata
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

LARGEST_ID = 2**63 - 1

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""An id in an address, where everything is text."""

BodyId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
"""An id in a JSON body: a number, not its text, and not `true`."""


class Body(Schema):
    """A request's body. Unknown fields are refused: a misspelt one must not be ignored."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Line(GroupedMetadata):
    """A line of text without control characters, stripped: `name: Annotated[str, Line(40)]`."""

    maximum: int
    minimum: int = 1
    allowed: str = ""

    def __iter__(self) -> Iterator[object]:
        """What pydantic checks."""
        yield StringConstraints(strip_whitespace=True, min_length=self.minimum, max_length=self.maximum)
        yield AfterValidator(self._storable)

    def _storable(self, value: str) -> str:
        if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in self.allowed for c in value):
            raise PydanticCustomError("characters", "has characters that can't be stored")
        return value


@dataclass(frozen=True)
class Text(Line):
    """Text that may have line ends and tabs, stripped: `remark: Annotated[str, Text(200, minimum=0)]`."""

    allowed: str = "\n\t"
