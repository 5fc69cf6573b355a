"""The catalogue's addresses."""

from django.urls import path

from catalog import views
from core.api import endpoint

urlpatterns = [
    path("", endpoint(GET=views.storefront), name="storefront"),
    path("products/<int:product_id>", endpoint(GET=views.product_page), name="product-page"),
    path("api/v1/products", endpoint(GET=views.list_products), name="products"),
    path("api/v1/products/<int:product_id>", endpoint(GET=views.show_product), name="product"),
]
