"""Certificates: what they say of themselves."""

import pytest

from region.region import Region
from region.resources.certificate import EXPIRED, VALID, Certificate
from region.settings import RegionSettings


@pytest.fixture
def certificate() -> Certificate:
    return Certificate(Region(RegionSettings("rtest", "10.92.0.0/16", "10.92.240.0/20", "10.92.255.1")))


@pytest.mark.parametrize(
    ("end", "status"), [("2020-01-01 00:00:00", EXPIRED), ("2999-01-01 00:00:00", VALID)]
)
def test_one_whose_time_is_over_is_expired(certificate: Certificate, end: str, status: int) -> None:
    outputs = {"endTime": end, "status": VALID}
    assert certificate.read("cert-1", outputs) == {**outputs, "status": status}


def test_a_text_that_is_no_certificate_is_refused(certificate: Certificate) -> None:
    (failure,) = certificate.check({"cert": "no certificate", "key": "no key"})
    assert failure[0] == "cert"
