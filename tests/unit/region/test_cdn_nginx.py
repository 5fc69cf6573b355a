"""A CDN domain's nginx."""

from region.cdn_nginx import configuration

INPUTS = {
    "domain": "cdn.test",
    "origin": {
        "originType": "ip",
        "originLists": ["10.77.240.10"],
        "originPullProtocol": "https",
        "serverName": "shop.test",
    },
    "httpsConfig": {"forceRedirect": {"switch": "on", "redirectStatusCode": 301}},
    "ruleCaches": [
        {"ruleType": "all", "rulePaths": ["*"], "cacheTime": 0, "switch": "off", "followOriginSwitch": "on"},
        {"ruleType": "directory", "rulePaths": ["/static"], "cacheTime": 60, "switch": "on"},
        {
            "ruleType": "directory",
            "rulePaths": ["/api"],
            "cacheTime": 0,
            "switch": "off",
            "noCacheSwitch": "on",
        },
    ],
}


def location(text: str, path: str) -> str:
    return text.split(f"location {path} {{")[1].split("}")[0]


def test_the_origin_is_asked_by_its_own_name_and_its_certificate_checked() -> None:
    text = configuration(INPUTS, tls=True)
    assert "server 10.77.240.10:443;" in text
    assert "proxy_set_header Host shop.test;" in text
    assert "proxy_ssl_verify on;" in text


def test_each_rule_caches_as_it_says() -> None:
    text = configuration(INPUTS, tls=True)
    assert "proxy_cache_valid 200 206 301 60s;" in location(text, "/static/")
    assert "proxy_cache" not in location(text, "/api/")
    assert "proxy_cache edge;" in location(text, "/")


def test_plain_http_is_led_to_https() -> None:
    assert "return 301 https://cdn.test$request_uri;" in configuration(INPUTS, tls=True)
