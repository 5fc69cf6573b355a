"""What a refresh finds of an instance, and what follows."""

from region.resources.base import Properties
from region.resources.instance import Instance
from tests.region.conftest import Lab, Made


def seen(lab: Lab, made: Made) -> Properties:
    """What a refresh finds changed."""
    found = lab.look(Instance, made)
    assert found is not None
    return {name: value for name, value in found.items() if value != made[1].get(name)}


def repaired(lab: Lab, made: Made) -> Made:
    """The instance after the update that a refresh's findings lead to."""
    found = lab.look(Instance, made)
    assert found is not None
    return lab.change(Instance, (made[0], found))
