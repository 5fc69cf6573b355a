"""The catalogue as JSON for the mini-program and as pages for a browser."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog import selectors
from core.api import answer
from core.errors import ApiError, invalid


def list_products(request: HttpRequest) -> HttpResponse:
    """All products on sale, or those of one category."""
    items = selectors.products()
    wanted = request.GET.get("category")
    if wanted is not None:
        if wanted not in {category.slug for category in selectors.categories()}:
            raise invalid("category", "there is no such category")
        items = [item for item in items if item["category"] == wanted]
    return answer({"items": items})


def show_product(request: HttpRequest, *, product_id: int) -> HttpResponse:
    """One product."""
    return answer(selectors.product(product_id=product_id))


def storefront(request: HttpRequest) -> HttpResponse:
    """The shop's front page."""
    items = selectors.products()
    shelves = [
        {"category": category, "products": [item for item in items if item["category"] == category.slug]}
        for category in selectors.categories()
    ]
    shown = [shelf for shelf in shelves if shelf["products"]]
    return render(request, "catalog/storefront.html", {"shelves": shown, "release": settings.SHOP.release})


def product_page(request: HttpRequest, *, product_id: int) -> HttpResponse:
    """One product's page."""
    try:
        item = selectors.product(product_id=product_id)
    except ApiError:
        return render(request, "catalog/missing.html", status=404)
    return render(request, "catalog/product.html", {"item": item, "release": settings.SHOP.release})
