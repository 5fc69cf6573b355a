"""Where pushed messages go: changed only when who answers there knows the token, as WeChat's console does it."""

import secrets
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp

from region.wechat.server import push_crypto
from region.wechat.server.errors import SandboxError
from region.wechat.server.sandbox import Sandbox


async def configure(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """`PUT /sandbox/push` with a `url`. Raises `SandboxError` when it doesn't answer what it was sent."""
    url = body.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise SandboxError(400, "INVALID", "url must be an http(s) address")
    timestamp, nonce, echo = (
        str(int(sandbox.now())),
        str(secrets.randbelow(2**31)),
        str(secrets.randbelow(2**63)),
    )
    signature = push_crypto.signature(sandbox.config.push_token, timestamp, nonce)
    query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    trust = ssl.create_default_context(cafile=sandbox.config.trust or None)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(5)) as session,
            session.get(url, params=query, ssl=trust) as answer,
        ):
            said = (await answer.text()).strip()
            if answer.status != 200 or said != echo:
                raise SandboxError(
                    400, "VERIFICATION_FAILED", f"{url} answered {answer.status} {said[:100]!r}"
                )
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SandboxError(400, "VERIFICATION_FAILED", f"{url}: {type(error).__name__} {error}") from error
    sandbox.store.set("push_url", url)
    return {"url": url}
