"""The cart's addresses."""

from django.urls import path

from cart import views
from core.api import endpoint

urlpatterns = [
    path("api/v1/cart", endpoint(GET=views.show), name="cart"),
    path("api/v1/cart/items", endpoint(POST=views.add), name="cart-items"),
    path("api/v1/cart/items/<int:product_id>", endpoint(DELETE=views.remove), name="cart-item"),
]
