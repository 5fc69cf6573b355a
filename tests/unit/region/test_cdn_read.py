"""An edge's nginx read back in the words of its domain's inputs."""

from copy import deepcopy
from typing import Any

import pytest

from region.cdn_nginx import configuration
from region.cdn_read import differences
from region.edge_cache import encoded
from tests.unit.region.test_cdn_nginx import INPUTS

TEXT = configuration(INPUTS, tls=True)


def shown(text: str) -> dict[str, Any]:
    return differences(text, INPUTS, tls=True)


def test_what_was_laid_has_no_differences() -> None:
    assert shown(TEXT) == {}


def test_another_origin_is_shown() -> None:
    origin = {**INPUTS["origin"], "originLists": ["10.9.9.9"]}
    assert shown(TEXT.replace("server 10.77.240.10:443;", "server 10.9.9.9:443;")) == {"origin": origin}
    assert shown(TEXT.replace("Host shop.test", "Host other.test"))["origin"]["serverName"] == "other.test"
    assert shown(TEXT.replace("https://origin", "http://origin"))["origin"]["originPullProtocol"] == "http"


@pytest.mark.parametrize("line", ["proxy_cache_valid 200 206 301 60s", "location /static/"])
def test_a_rule_that_does_not_hold_is_left_out(line: str) -> None:
    rules = [rule for rule in INPUTS["ruleCaches"] if rule["rulePaths"] != ["/static"]]
    assert shown(TEXT.replace(line, "location /old/")) == {"ruleCaches": rules}


def test_tls_and_redirect_are_shown() -> None:
    off = deepcopy(INPUTS["httpsConfig"])
    off["forceRedirect"]["switch"] = "off"
    assert shown(TEXT.replace("return 301 https://cdn.test$request_uri;", "")) == {"httpsConfig": off}
    assert shown(TEXT.replace("listen 443 ssl;", ""))["httpsConfig"]["httpsSwitch"] == "off"
    assert shown(TEXT.replace("return 301", "return 302"))["httpsConfig"]["forceRedirect"] == {
        "switch": "on",
        "redirectStatusCode": 302,
    }


def test_any_other_change_has_it_laid_anew() -> None:
    assert shown(TEXT.replace("server_tokens off", "server_tokens on")) == {"ruleCaches": []}


def test_addresses_are_encoded_where_they_have_to_be() -> None:
    assert encoded(["https://cdn.test/商品 1.png?a=b"]) == ["https://cdn.test/%E5%95%86%E5%93%81%201.png?a=b"]
