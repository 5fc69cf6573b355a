"""Shoppers in rough weather: whatever the shop acknowledged is true afterwards."""

import json

from tests.stack.conftest import Stack, shopctl


def test_twenty_shoppers_in_rough_weather_find_no_error_and_the_checker_nothing(stack: Stack) -> None:
    told = shopctl("load", "--shoppers", "20", "--for", "60s", "--weather", "rough", "--json", timeout=300)
    report = json.loads(told)
    assert report["errors"] == 0, report["troubles"]
    assert report["verdict"]["findings"] == []
    assert report["good"] is True
    # A load that did next to nothing would prove next to nothing.
    assert report["verdict"]["orders"] >= 20
    assert report["figures"]["requests"] >= 500
