"""The merchants' admin as a Django application. Loads Django's, which only the processes that serve it should."""

from django.apps import apps
from django.contrib.admin.apps import AdminConfig

DOMAINS = {
    "backoffice": "审计",
    "catalog": "商品",
    "conversations": "客服",
    "coupons": "优惠券",
    "flash": "秒杀",
    "inventory": "库存",
    "logistics": "物流",
    "orders": "订单",
    "payments": "支付",
    "uploads": "图片",
    "users": "用户",
}
"""What the staff calls the domains."""


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    default_site = "backoffice.site.ShopAdminSite"

    def ready(self) -> None:
        """Load the pages, under the staff's names for the domains."""
        for label, title in DOMAINS.items():
            apps.get_app_config(label).verbose_name = title
        super().ready()
