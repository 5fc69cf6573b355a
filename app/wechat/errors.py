"""What WeChat's numbers mean to the shop's clients and to its worker."""

from core.errors import ApiError

BUSY = -1
TOKEN_INVALID = frozenset({40001, 40014, 42001})
NO_CONSENT = 43101
# 10060002: shipped already; 10060003: the one re-ship was used; 10060023: nothing new in it. An upload whose answer was
# lost is answered so when it is repeated.
SHIPPING_KNOWN = frozenset({10060002, 10060003, 10060023})


_SHIPPING_BUSY = 10060012


def about_shipping(errcode: int) -> bool:
    """The number is from the shipping interface and says that this shipment can't be taken."""
    return errcode == 268485216 or (10060000 < errcode < 10061000 and errcode != _SHIPPING_BUSY)


class WechatError(ApiError):
    """WeChat refused a call. `errcode` is its number for the reason."""

    def __init__(
        self, status: int, code: str, message: str, *, errcode: int, field: str | None = None
    ) -> None:
        super().__init__(status, code, message, field=field)
        self.errcode = errcode


class WechatUnavailableError(ApiError):
    """WeChat is away, or too busy twice in a row: 503 `wechat_unavailable`. Worth another try later."""

    def __init__(self) -> None:
        super().__init__(503, "wechat_unavailable", "WeChat can't be reached, please try again in a moment")


_MEANINGS: dict[int, tuple[int, str, str]] = {
    **dict.fromkeys((40029, 40163, 41008), (400, "invalid_code", "the code is wrong, used or too old")),
    **dict.fromkeys((45009, 45011), (429, "rate_limited", "too often, please wait a minute")),
    40226: (403, "risky_user", "WeChat holds this account for risky"),
    NO_CONSENT: (409, "no_consent", "the user has not agreed to another message"),
    **dict.fromkeys((45015, 45047), (409, "window_closed", "the user must write first: 48 hours are over")),
}


def refusal(errcode: int, errmsg: str) -> WechatError:
    """The error for one of WeChat's numbers. One that isn't listed is a mistake of ours: 503 `wechat_refused`."""
    status, code, message = _MEANINGS.get(
        errcode, (503, "wechat_refused", f"WeChat refused the shop's request: {errcode} {errmsg}"[:300])
    )
    return WechatError(
        status, code, message, errcode=errcode, field="code" if code == "invalid_code" else None
    )
