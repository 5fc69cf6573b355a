"""The program, run once for each environment."""

import functools

import pytest

from tests.unit.infra.recorder import Recording, record

ENVIRONMENTS = ("local", "test", "staging", "production")


@functools.cache
def _recorded(environment: str) -> Recording:
    return record(environment)


@pytest.fixture(params=ENVIRONMENTS)
def stack(request: pytest.FixtureRequest) -> Recording:
    """Each environment's stack."""
    return _recorded(request.param)


@pytest.fixture
def local() -> Recording:
    """The local environment's stack."""
    return _recorded("local")


@pytest.fixture
def production() -> Recording:
    """The production environment's stack."""
    return _recorded("production")
