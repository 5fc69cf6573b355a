"""Who asks WeChat Pay, and whether what they ask for can be read. The checks of fields are pure."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from region.wechat.server import signing, times
from region.wechat.server.errors import PayError, parameter
from region.wechat.server.sandbox import Sandbox


def authenticate(sandbox: Sandbox, method: str, path: str, body: str, header: str) -> None:
    """Raises `PayError` unless the merchant signed this request, just now and for the first time."""
    found = signing.parse_authorization(header)
    if found is None:
        raise _unsigned("Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》")
    if found.mchid != sandbox.config.mch_id:
        raise _unsigned("商户号不存在，或与证书序列号不匹配")
    if found.serial_no.upper() != sandbox.config.certificate_serial.upper():
        raise _unsigned("商户证书序列号有误，请检查证书序列号是否为该商户号的证书序列号")
    now = sandbox.now()
    if not found.timestamp.isdecimal() or abs(now - int(found.timestamp)) > signing.OLDEST:
        raise _unsigned("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
    lines = (method, path, found.timestamp, found.nonce_str, body)
    if not signing.verify(sandbox.merchant_key, found.signature, *lines):
        message = "".join(f"{line}\n" for line in lines)
        said = {"method": method, "url": path, "sign_message_length": len(message.encode())}
        raise _unsigned("错误的签名，验签失败", {"issue": "sign not match", "sign_information": said})
    with sandbox.store.passing():
        sandbox.store.run("DELETE FROM nonce WHERE seen_at < ?", now - 2 * signing.OLDEST)
        fresh = sandbox.store.run("INSERT OR IGNORE INTO nonce VALUES (?, ?)", found.nonce_str, now)
    if not fresh:
        raise _unsigned("请求重放：nonce_str 已使用过", {"issue": "nonce replayed"})


def _unsigned(message: str, more: Mapping[str, Any] | None = None) -> PayError:
    detail = {"location": "authorization", "field": "signature", **(more or {})}
    return PayError(401, "SIGN_ERROR", message, detail)


def text(body: Mapping[str, Any], path: str, most: int, pattern: str = "", *, optional: bool = False) -> str:
    """A text of the body, by its JSON pointer; an optional one that is missing is empty."""
    value = _at(body, path)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not value:
        raise parameter(path, "必填项缺失" if value in (None, "") else "应为字符串", value)
    if len(value) > most:
        raise parameter(path, f"字符串长度不得超过 {most}", value)
    if pattern and not re.fullmatch(pattern, value):
        raise parameter(path, "格式错误", value)
    return value


def amount(body: Mapping[str, Any], path: str) -> int:
    """A sum in fen that is more than nothing."""
    value = _at(body, path)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= 100_000_000:
        raise parameter(path, "应为大于 0 的整数，单位为分", value)
    return value


def currency(body: Mapping[str, Any], path: str, *, optional: bool) -> None:
    """Yuan are the only currency."""
    value = _at(body, path)
    if value != "CNY" and not (optional and value is None):
        raise parameter(path, "境内商户号仅支持人民币 CNY", value)


def address(body: Mapping[str, Any], path: str, *, optional: bool = False) -> str:
    """Where notifications go: an address without a query."""
    value = text(body, path, 255, optional=optional)
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
        raise parameter(path, "通知地址必须为外网可访问的 URL，不能携带参数", value)
    return value


def moment(body: Mapping[str, Any], path: str) -> float | None:
    """A time, or None where there is none."""
    value = _at(body, path)
    if value is None:
        return None
    try:
        return times.parse(str(value))
    except ValueError as error:
        raise parameter(path, "应为 RFC 3339 格式的时间", value) from error


def _at(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for part in path.strip("/").split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value
