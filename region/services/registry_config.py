"""A TCR instance's files: Nginx before docker-registry, whom it lets in, and what there is to be pushed to. Pure.

docker-registry (distribution 2.8) makes a repository with the first push and knows no namespaces, and takes a changed
file of users late; Nginx asks for all that before it passes a request on.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HOME = "/etc/nginx/registry"
CERTIFICATE, KEY = f"{HOME}/server.pem", f"{HOME}/server.key"
USERS, NAMESPACES, REPOSITORIES = f"{HOME}/users", f"{HOME}/namespaces", f"{HOME}/repositories"
PORT, UNKNOWN, BUSY = 5000, 5001, 5002
"""On loopback: docker-registry, and what answers in its place for what isn't there, and while garbage is collected."""
CLEANING = "/run/registry-cleaning"
"""While this file is there nothing is written: what is collected then cannot be just on its way in."""

ITSELF = "127.0.0.1"


def registry(secret: str, data: str) -> str:
    """docker-registry's configuration. `secret` signs the state of uploads, which so outlive a restart."""
    # No cache of blobs: it would take those for there that were collected. No health check of the disk: images are
    # still to be pulled from a full one.
    return f"""\
version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: {data}
  delete:
    enabled: true
  maintenance:
    uploadpurging:
      enabled: false
http:
  addr: 127.0.0.1:{PORT}
  relativeurls: true
  secret: {secret}
  headers:
    X-Content-Type-Options: [nosniff]
"""


def cleaning(data: str) -> str:
    """The unit that frees the disk: of uploads that nobody went on with for an hour, and of blobs without an image."""
    return f"""\
[Unit]
Description=Collect the registry's garbage
After=docker-registry.service
# With nothing pushed yet the collection fails.
ConditionPathIsDirectory={data}/docker/registry/v2/repositories

[Service]
Type=oneshot
User=docker-registry
Nice=10
ExecStartPre=+/usr/bin/touch {CLEANING}
ExecStart=/usr/bin/find {data} -depth -path "*/_uploads/*" -mmin +60 -delete
ExecStart=/usr/bin/docker-registry garbage-collect /etc/docker/registry/config.yml
ExecStopPost=+/usr/bin/rm --force {CLEANING}
"""


TIMER = """\
[Unit]
Description=Collect the registry's garbage

[Timer]
OnBootSec=5min
OnUnitInactiveSec=10min

[Install]
WantedBy=timers.target
"""

DROP_IN = """\
[Unit]
StartLimitIntervalSec=0

[Service]
Restart=always
RestartSec=200ms
LimitNOFILE=65536
NoNewPrivileges=true
ProtectHome=true
PrivateTmp=true
"""


@dataclass(frozen=True)
class Door:
    """The public name, and the ranges that may come to it; the host itself always may."""

    domain: str
    allowed: tuple[str, ...] = ()


def nginx(door: Door) -> str:
    """Nginx's configuration. Files beside it say which users, namespaces and repositories there are."""
    allowed = "".join(f"    allow {source};\n" for source in (ITSELF, *door.allowed))
    return f"""\
user www-data;
worker_processes 2;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    keepalive_timeout 60s;
    client_max_body_size 0;
    map_hash_bucket_size 512;
{allowed}    deny all;

    map $namespace $access {{ default ""; include {NAMESPACES}; }}
    map $namespace/$repository $known {{ default ""; include {REPOSITORIES}; }}
    # What is in a public namespace may be pulled by anybody.
    map $access:$request_method $realm {{
        default "Tencent Container Registry";
        ~^public:(GET|HEAD)$ off;
    }}
    map $cleaning:$request_method:$access:$known $answers {{
        default unknown;
        ~^1:(POST|PUT|PATCH|DELETE):[^:]+:1$ cleaning;
        ~^1?:[^:]+:[^:]+:1$ registry;
    }}
    upstream registry {{ server 127.0.0.1:{PORT}; keepalive 8; }}
    upstream unknown {{ server 127.0.0.1:{UNKNOWN}; }}
    upstream cleaning {{ server 127.0.0.1:{BUSY}; }}

    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto https;
    # Layers go through as they come.
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_read_timeout 900s;
    # As the registry itself says it (distribution, docs/spec/api.md).
    add_header Docker-Distribution-Api-Version registry/2.0 always;

    server {{
        listen 443 ssl;
        server_name {door.domain};
        ssl_certificate {CERTIFICATE};
        ssl_certificate_key {KEY};
        auth_basic_user_file {USERS};
        set $cleaning "";
        if (-f {CLEANING}) {{ set $cleaning 1; }}

        location = /healthz {{ proxy_pass http://registry/; }}
        location = /v2/ {{
            auth_basic "Tencent Container Registry";
            proxy_pass http://registry;
        }}
        location ~ ^/v2/(?<namespace>[^/]+)/(?<repository>.+)/(?:blobs|manifests|tags)/ {{
            auth_basic $realm;
            proxy_pass http://$answers;
        }}
        location / {{ return 404; }}
    }}
    server {{
        listen 127.0.0.1:{UNKNOWN};
        default_type application/json;
        return 404 '{{"errors":[{{"code":"NAME_UNKNOWN","message":"no such namespace or repository"}}]}}\\n';
    }}
    server {{
        listen 127.0.0.1:{BUSY};
        default_type application/json;
        add_header Retry-After 5 always;
        return 503 '{{"errors":[{{"code":"UNAVAILABLE","message":"garbage is being collected"}}]}}\\n';
    }}
}}
"""


def namespaces(wanted: Mapping[str, bool]) -> str:
    """The file of the namespaces, by name; whether each is public."""
    return "".join(f'"{name}" {"public" if wanted[name] else "private"};\n' for name in sorted(wanted))


def repositories(wanted: Iterable[str]) -> str:
    """The file of the repositories, each with its namespace before it."""
    return "".join(f'"{name}" 1;\n' for name in sorted(wanted))


def users(wanted: Mapping[str, str], now: str, salt: bytes) -> str:
    """The file of the users with their tokens; who is in the file `now` with the right one stays as he is."""
    known = found_users(now)
    return "".join(
        f"{name}:{known[name] if opens(known.get(name, ''), token) else hashed(token, salt)}\n"
        for name, token in sorted(wanted.items())
    )


def found_allowed(text: str) -> tuple[str, ...]:
    """The ranges that `nginx`'s configuration lets in."""
    return tuple(found for found in re.findall(r"^ *allow (\S+);$", text, re.MULTILINE) if found != ITSELF)


def found_namespaces(text: str) -> dict[str, bool]:
    """What `namespaces` says, perhaps changed by hand."""
    return {
        name: access == "public" for name, access in re.findall(r'^"([^"]+)" (\w+);$', text, re.MULTILINE)
    }


def found_repositories(text: str) -> set[str]:
    """What `repositories` says."""
    return set(re.findall(r'^"([^"]+)" 1;$', text, re.MULTILINE))


def found_users(text: str) -> dict[str, str]:
    """What `users` says."""
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def hashed(token: str, salt: bytes) -> str:
    """A token as Nginx compares it (ngx_http_auth_basic_module, salted SHA-1) with each request of a pull.

    A token has 160 random bits: a slow hash would keep nobody from guessing it whom this one doesn't keep.
    """
    digest = hashlib.sha1(token.encode() + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def opens(line: str, token: str) -> bool:
    """Whether a token opens what a line of the users' file guards."""
    try:
        raw = base64.b64decode(line.removeprefix("{SSHA}"), validate=True)
    except ValueError:
        return False
    return line == hashed(token, raw[hashlib.sha1(usedforsecurity=False).digest_size :])
