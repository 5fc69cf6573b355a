"""Fields that bodies and addresses of the API share: bounded, and free of what can't be stored."""

from typing import Annotated

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


def _line(value: str) -> str:
    if any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in value):
        raise PydanticCustomError("characters", "has characters that can't be stored")
    return value


def _lines(value: str) -> str:
    _line(value.replace("\n", "").replace("\t", ""))
    return value


def line(maximum: int, *, minimum: int = 1) -> object:
    """A line of text without control characters, stripped: `Name = line(40)`."""
    bounds = StringConstraints(strip_whitespace=True, min_length=minimum, max_length=maximum)
    return Annotated[str, bounds, AfterValidator(_line)]


def lines(maximum: int, *, minimum: int = 1) -> object:
    """Text that may have line ends and tabs, stripped."""
    bounds = StringConstraints(strip_whitespace=True, min_length=minimum, max_length=maximum)
    return Annotated[str, bounds, AfterValidator(_lines)]
