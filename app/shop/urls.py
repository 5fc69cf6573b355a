"""Every address of the process group that this process serves."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from core.api import endpoint
from core.routes import build
from core.views import fallback_bad_request, fallback_not_found, fallback_server_error, front_page
from shop.groups import ALL

GROUP = settings.SHOP.group
urlpatterns: list[URLPattern | URLResolver] = [path("", include("core.urls"))]
if GROUP != "admin":
    urlpatterns.append(path("api/v1/", build(GROUP).urls))
if GROUP in ("user", ALL):
    urlpatterns.append(path("", endpoint(GET=front_page)))
if GROUP in ("admin", ALL):
    from django.contrib import admin

    urlpatterns.append(path("admin/", admin.site.urls))

handler400 = fallback_bad_request
handler404 = fallback_not_found
handler500 = fallback_server_error
