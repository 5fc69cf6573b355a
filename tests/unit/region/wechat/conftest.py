"""The sandbox on loopback, and who meets it there."""

from collections.abc import Iterator

import pytest
from wechatpayv3 import WeChatPay

from tests.shop.sandbox import Wechat, running
from tests.unit.region.wechat.shop import Shop, client, listening


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wechat]:
    """One process for a module's tests."""
    with running(tmp_path_factory.mktemp("wechat")) as found:
        yield found


@pytest.fixture
def wechat(server: Wechat) -> Wechat:
    """WeChat, which knows nothing yet."""
    server.reset()
    return server


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop that takes every notification."""
    with listening() as found:
        yield found


@pytest.fixture
def merchant(wechat: Wechat, shop: Shop) -> WeChatPay:
    """The merchant's client."""
    return client(wechat, shop)
