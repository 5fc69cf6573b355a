"""The admin's site: its login, its first page, and pages for what has no table."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from backoffice.login import ThrottledLoginForm


class ShopAdminSite(AdminSite):
    """The merchants' admin."""

    site_header = "商城后台"
    site_title = "商城后台"
    index_title = "工作台"
    site_url = None
    login_form = ThrottledLoginForm
    index_template = "backoffice/index.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses, and those of the reviews, which are in MongoDB."""
        from backoffice.admins import reviews

        own = [
            path("reviews/", self.admin_view(reviews.listing), name="reviews"),
            path("reviews/<slug:review_id>/", self.admin_view(reviews.moderate), name="review"),
        ]
        return own + super().get_urls()

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The dashboard."""
        from backoffice import dashboard

        return super().index(request, {**(extra_context or {}), "tiles": dashboard.tiles(request.user)})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Django's list, and the reviews."""
        found: list[dict[str, Any]] = super().get_app_list(request, app_label)
        if app_label in (None, "reviews") and request.user.has_perm("backoffice.moderate_review"):
            address = reverse("admin:reviews")
            page = {
                "name": "商品评价",
                "object_name": "Review",
                "perms": {"add": False, "change": True, "delete": False, "view": True},
                "admin_url": address,
                "add_url": None,
                "view_only": False,
            }
            found.append(
                {
                    "name": "评价",
                    "app_label": "reviews",
                    "app_url": address,
                    "has_module_perms": True,
                    "models": [page],
                }
            )
        return found
