"""A CDN domain's nginx configuration, from its inputs. Pure."""

from typing import Any

CERTIFICATE = "/etc/nginx/server.pem"
KEY = "/etc/nginx/server.key"
CACHE = "/var/cache/nginx/edge"

HEAD = f"""\
user www-data;
worker_processes 1;
error_log stderr warn;
events {{ worker_connections 2048; }}
http {{
    include mime.types;
    access_log off;
    server_tokens off;
    sendfile on;
    keepalive_timeout 60s;
    client_max_body_size 32m;
    proxy_cache_path {CACHE} levels=1:2 keys_zone=edge:8m max_size=1g inactive=7d use_temp_path=off;
"""


def configuration(inputs: dict[str, Any], *, tls: bool) -> str:
    """The whole file for one domain."""
    origin = inputs["origin"]
    https = origin.get("originPullProtocol", "http") == "https"
    port = ":443" if https else ":80"
    servers = [name if ":" in name else name + port for name in origin["originLists"]]
    domain, host = inputs["domain"], origin.get("serverName") or inputs["domain"]
    lines = [
        HEAD,
        "    upstream origin {",
        *(f"        server {name};" for name in servers),
        "        keepalive 16;",
        "    }",
    ]
    redirect = ((inputs.get("httpsConfig") or {}).get("forceRedirect") or {}).get("switch") == "on"
    if tls and redirect:
        code = inputs["httpsConfig"]["forceRedirect"].get("redirectStatusCode", 302)
        lines += [
            "    server {",
            "        listen 80;",
            f"        server_name {domain};",
            f"        return {code} https://{domain}$request_uri;",
            "    }",
        ]
    lines += ["    server {", *([] if tls and redirect else ["        listen 80;"])]
    if tls:
        lines += _secure(inputs["httpsConfig"])
    lines += [
        f"        server_name {domain};",
        "        proxy_http_version 1.1;",
        '        proxy_set_header Connection "";',
        f"        proxy_set_header Host {host};",
        "        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "        proxy_ssl_server_name on;",
        f"        proxy_ssl_name {host};",
        *(_verified() if https else []),
        "        proxy_next_upstream error timeout;",
        *_timeouts(inputs.get("originPullTimeout") or {}),
        # By itself, whatever the scheme: so an object can be found again to be purged.
        f"        proxy_cache_key {'$uri' if _short_key(inputs) else '$request_uri'};",
        # What the cloud's edge answers in this header: whether it had the object.
        "        add_header X-Cache-Lookup $upstream_cache_status always;",
    ]
    for rule in rules(inputs):
        lines += location(rule, "https" if https else "http")
    return "\n".join([*lines, "    }", "}", ""])


def _secure(config: dict[str, Any]) -> list[str]:
    versions = config.get("tlsVersions")
    return [
        "        listen 443 ssl;",
        *(["        http2 on;"] if config.get("http2Switch") == "on" else []),
        *([f"        ssl_protocols {' '.join(versions)};"] if versions else []),
        f"        ssl_certificate {CERTIFICATE};",
        f"        ssl_certificate_key {KEY};",
    ]


def _timeouts(timeouts: dict[str, Any]) -> list[str]:
    if not timeouts:
        return []
    return [
        f"        proxy_connect_timeout {timeouts['connectTimeout']}s;",
        f"        proxy_read_timeout {timeouts['receiveTimeout']}s;",
    ]


def _short_key(inputs: dict[str, Any]) -> bool:
    """Whether an object is the same whatever the query says."""
    return (inputs.get("cacheKey") or {}).get("fullUrlCache") == "off" or inputs.get("fullUrlCache") is False


def key_of(target: str) -> set[str]:
    """The keys under which the object at a path, with its query, may be in the cache."""
    return {target, target.partition("?")[0]}


def _verified() -> list[str]:
    return [
        "        proxy_ssl_verify on;",
        "        proxy_ssl_verify_depth 3;",
        "        proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;",
    ]


def rules(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """The caching rules of a domain; without any, nothing is cached."""
    return inputs.get("ruleCaches") or [{"ruleType": "all", "cacheTime": 0}]


def location(rule: dict[str, Any], scheme: str) -> list[str]:
    """nginx's locations for one rule."""
    pass_on = f"            proxy_pass {scheme}://origin;"
    lines: list[str] = []
    for match in _matches(rule):
        lines += [f"        location {match} {{", pass_on]
        if rule.get("switch") == "on" and rule.get("noCacheSwitch") != "on":
            lines += [
                "            proxy_cache edge;",
                "            proxy_cache_lock on;",
                "            proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;",
                "            proxy_ignore_headers Cache-Control Expires Set-Cookie;",
                f"            proxy_cache_valid 200 206 301 {rule['cacheTime']}s;",
            ]
        elif rule.get("followOriginSwitch") == "on" and rule.get("noCacheSwitch") != "on":
            lines += ["            proxy_cache edge;", "            proxy_cache_lock on;"]
        lines.append("        }")
    return lines


def _matches(rule: dict[str, Any]) -> list[str]:
    """nginx's locations for a rule of CDN; a longer prefix or a pattern wins over `/`, as a later rule does in CDN."""
    paths = rule.get("rulePaths") or ["*"]
    match rule.get("ruleType", "all"):
        case "directory":
            return [f"{path.rstrip('/')}/" for path in paths]
        case "file":
            return [rf"~* \.({'|'.join(paths)})$"]
        case "path":
            return [f"= {path}" for path in paths]
        case "index":
            return ["= /"]
        case _:
            return ["/"]
