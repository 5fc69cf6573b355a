"""HTTPS to others: one pool of connections for the process, with short timeouts."""

import os

import requests
from requests.adapters import HTTPAdapter

from core.once import Once

UNAVAILABLE = (requests.RequestException,)
CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0


@Once
def session() -> requests.Session:
    """The pool. A connection that can't be made is tried once more; a request that was sent never is, by this."""
    made = requests.Session()
    # Neither proxies nor another bundle from the environment: the host's own settings say whom to trust.
    made.trust_env = False
    made.verify = os.environ.get("SSL_CERT_FILE") or True
    retries = requests.adapters.Retry(total=1, connect=1, read=0, redirect=0, status=0, backoff_factor=0.1)
    for scheme in ("https://", "http://"):
        made.mount(scheme, HTTPAdapter(pool_connections=2, pool_maxsize=16, max_retries=retries))
    return made


def request(
    method: str,
    address: str,
    *,
    params: dict[str, str] | None = None,
    data: bytes | None = None,
    files: dict[str, tuple[str, bytes, str]] | None = None,
) -> requests.Response:
    """One request; JSON goes as `data`, a form with a file as `files`. Raises one of `UNAVAILABLE`."""
    headers = {"Content-Type": "application/json; charset=utf-8"} if data is not None else {}
    return session().request(
        method,
        address,
        params=params,
        data=data,
        files=files,
        headers=headers,
        timeout=(CONNECT_SECONDS, READ_SECONDS),
        allow_redirects=False,
    )
