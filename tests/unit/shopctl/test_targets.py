"""Which resources are meant."""

import pytest

from shopctl.errors import BadInputError
from shopctl.targets import resolve, unknown

WEB = "urn:pulumi:local::shop::shop:infra:Compute$tencentcloud:Instance/instance:Instance::compute-web-1"
REDIS = "urn:pulumi:local::shop::shop:infra:Redis$tencentcloud:Redis/instance:Instance::redis"
DNS = "urn:pulumi:local::shop::shop:infra:Dns$tencentcloud:PrivateDns/record:Record::redis"


def test_short_names_and_urns() -> None:
    assert resolve(["compute-web-1", WEB], [WEB, REDIS]) == (WEB,)
    assert unknown(["compute-web-1", "new", REDIS], [WEB, REDIS]) == ["new"]


def test_an_unknown_name_gets_near_ones() -> None:
    with pytest.raises(BadInputError, match="no resource is named 'compute-wep-1'") as caught:
        resolve(["compute-wep-1"], [WEB, REDIS])
    assert caught.value.next_step == "did you mean compute-web-1?"


def test_nothing_near_lists_what_there_is() -> None:
    with pytest.raises(BadInputError) as caught:
        resolve(["zzz"], [WEB, REDIS])
    assert caught.value.next_step == "there are: compute-web-1, redis"


def test_a_name_that_two_have_needs_the_urn() -> None:
    with pytest.raises(BadInputError, match="2 resources are named 'redis'") as caught:
        resolve(["redis"], [DNS, REDIS])
    assert set(caught.value.last_lines) == {DNS, REDIS}
