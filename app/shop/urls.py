"""Every address of the shop."""

from django.urls import include, path

from core.views import fallback_bad_request, fallback_not_found, fallback_server_error

urlpatterns = [
    path("", include("core.urls")),
    path("", include("catalog.urls")),
    path("", include("reviews.urls")),
    path("", include("cart.urls")),
    path("", include("orders.urls")),
]

handler400 = fallback_bad_request
handler404 = fallback_not_found
handler500 = fallback_server_error
