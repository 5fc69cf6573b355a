"""The reviews' address."""

from django.urls import path

from core.api import endpoint
from reviews import views

urlpatterns = [
    path(
        "api/v1/products/<int:product_id>/reviews", endpoint(GET=views.show, POST=views.write), name="reviews"
    )
]
