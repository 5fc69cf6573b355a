"""The pages of docs/region/ say what the code says."""

import pytest

from region import docs
from region.resources import RESOURCES
from region.resources.base import Resource


class Sample(Resource):
    """A host, say.

    It boots.

    Equal: its name,
    and its address.

    Differs: its disk; there is none.
    """

    type = "tencentcloud:Vpc/instance:Instance"


class Silent(Resource):
    type = "tencentcloud:Vpc/instance:Instance"


def test_the_words_are_the_docstrings() -> None:
    assert docs.parts(Sample) == {
        "": ["A host, say.", "It boots."],
        "Equal:": ["its name, and its address."],
        "Differs:": ["its disk; there is none."],
    }
    assert docs.problems(Sample) == []
    assert docs.problems(Silent) == [f"{__name__}.Silent has no docstring"]
    text = docs.page(Sample)
    assert "## What is equal\n\nIts name, and its address.\n" in text
    assert "| `cidrBlock` | string | required | **replaces** | a format of its own |" in text
    assert "| `isMulticast` | boolean | default `True` | updates |  |" in text


@pytest.mark.parametrize("kind", RESOURCES, ids=lambda kind: docs.name_of(kind.type))
def test_every_resource_says_what_is_equal_and_what_differs(kind: type[Resource]) -> None:
    assert docs.problems(kind) == []


def test_the_pages_are_up_to_date() -> None:
    there = {file.name: file.read_text() for file in docs.FOLDER.glob("*.md")}
    assert there == docs.pages(), "next: python -m region.docs"
