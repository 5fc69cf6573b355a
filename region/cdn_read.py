"""What an edge's nginx really does, in the words of its domain's inputs. Pure."""

import re
from copy import deepcopy
from typing import Any

from region import cdn_nginx

Properties = dict[str, Any]
_SERVER = re.compile(r"^        server (\S+);$", re.M)
_HOST = re.compile(r"^        proxy_set_header Host (\S+);$", re.M)
_PASS = re.compile(r"proxy_pass (https?)://origin;")
_REDIRECT = re.compile(r"^        return (\d+) https://", re.M)


def differences(text: str, asked: Properties, *, tls: bool) -> Properties:
    """The inputs that an edge's configuration has otherwise; nothing where it is as asked."""
    wanted = cdn_nginx.configuration(asked, tls=tls)
    if text == wanted:
        return {}
    found = _origin(text, wanted, asked) | _https(text, wanted, asked) | _rules(text, asked)
    if found:
        return found
    # Changed in a way that no input tells: as if no rule held, which has it laid anew.
    return {"ruleCaches": []}


def _origin(text: str, wanted: str, asked: Properties) -> Properties:
    if all(one.findall(text) == one.findall(wanted) for one in (_SERVER, _HOST)) and (
        set(_PASS.findall(text)) == set(_PASS.findall(wanted))
    ):
        return {}
    origin = deepcopy(asked["origin"])
    schemes = _PASS.findall(text)
    if schemes:
        origin["originPullProtocol"] = schemes[0]
    port = ":443" if origin.get("originPullProtocol") == "https" else ":80"
    origin["originLists"] = [server.removesuffix(port) for server in _SERVER.findall(text)]
    origin["serverName"] = next(iter(_HOST.findall(text)), "")
    return {"origin": origin}


def _https(text: str, wanted: str, asked: Properties) -> Properties:
    config = deepcopy(asked.get("httpsConfig") or {})
    if ("listen 443 ssl;" in text) != ("listen 443 ssl;" in wanted):
        config["httpsSwitch"] = "on" if "listen 443 ssl;" in text else "off"
    redirects, expected = _REDIRECT.findall(text), _REDIRECT.findall(wanted)
    if redirects != expected:
        redirect = config.setdefault("forceRedirect", {})
        redirect["switch"] = "on" if redirects else "off"
        if redirects:
            redirect["redirectStatusCode"] = int(redirects[0])
    if ("http2 on;" in text) != ("http2 on;" in wanted):
        config["http2Switch"] = "on" if "http2 on;" in text else "off"
    return {} if config == (asked.get("httpsConfig") or {}) else {"httpsConfig": config}


def _rules(text: str, asked: Properties) -> Properties:
    schemes = ("http", "https")
    held = [
        rule
        for rule in cdn_nginx.rules(asked)
        if any("\n".join(cdn_nginx.location(rule, scheme)) in text for scheme in schemes)
    ]
    return {} if held == cdn_nginx.rules(asked) else {"ruleCaches": held}
