"""What each process group may do with the tables of coupons."""

_CHANGE = ("SELECT", "INSERT", "UPDATE")
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "trade": {"coupons_coupon": ("SELECT", "UPDATE"), "coupons_usercoupon": _CHANGE},
    # Cancelled orders give their coupons back.
    "worker": {"coupons_coupon": ("SELECT",), "coupons_usercoupon": ("SELECT", "UPDATE")},
    "admin": {"coupons_coupon": _CHANGE, "coupons_usercoupon": ("SELECT", "UPDATE")},
}
