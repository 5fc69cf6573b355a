"""Probes."""

from django.urls import path

from core import views
from core.api import endpoint

urlpatterns = [
    path("healthz", endpoint(GET=views.alive), name="healthz"),
    path("hostz", endpoint(GET=views.host_alive), name="hostz"),
    path("readyz", endpoint(GET=views.ready), name="readyz"),
    path("readyz/alone", endpoint(GET=views.ready_alone), name="readyz-alone"),
    path("metrics", endpoint(GET=views.prometheus), name="metrics"),
]
