"""The merchants' admin as Django applications."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig

from shop.groups import ALL


class BackofficeConfig(AppConfig):
    """The admin's own models: what the staff did."""

    name = "backoffice"
    verbose_name = "后台"


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    default_site = "backoffice.site.ShopAdminSite"

    def ready(self) -> None:
        """Load the pages where they are served: the other groups' processes are spared their memory."""
        if settings.SHOP.group in ("admin", ALL):
            super().ready()
