"""The orders' addresses."""

from django.urls import path

from core.api import endpoint
from orders import views

urlpatterns = [
    path("api/v1/orders", endpoint(POST=views.place), name="orders"),
    path("api/v1/orders/<str:number>", endpoint(GET=views.show), name="order"),
]
