"""The merchants' admin as Django applications."""

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig

from shop.groups import ALL

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


class BackofficeConfig(AppConfig):
    """The admin's own models: what the staff did."""

    name = "backoffice"


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    default_site = "backoffice.site.ShopAdminSite"

    def ready(self) -> None:
        """Load the pages where they are served: the other groups' processes are spared their memory."""
        if settings.SHOP.group in ("admin", ALL):
            for label, title in DOMAINS.items():
                apps.get_app_config(label).verbose_name = title
            super().ready()
