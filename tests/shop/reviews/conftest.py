"""WeChat as the reviews' tests need it."""

from collections.abc import Iterator

import pytest

from tests.shop import stub_wechat
from tests.shop.conftest import Shop


@pytest.fixture
def stub(shop: Shop) -> Iterator[stub_wechat.Stub]:
    """A WeChat that says what the test wants."""
    with stub_wechat.running() as stub:
        yield stub
