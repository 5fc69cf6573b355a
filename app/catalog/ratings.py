"""What reviews say of a product, copied into its row for lists."""

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from catalog.models import Product
from catalog.services import announce
from reviews.selectors import rating


def refresh(product_ids: Iterable[int]) -> int:
    """Copy the ratings of these products, but for those that aren't known while MongoDB is away; how many differed."""
    found = rating(sorted(set(product_ids)))
    changed = []
    for product in Product.objects.using("default").filter(pk__in=found).only("rating", "review_count"):
        said = found[product.pk]
        average = Decimal(str(said.average)) if said.count else None
        if (product.review_count, product.rating) != (said.count, average):
            product.rating, product.review_count = average, said.count
            product.updated_at = timezone.now()
            changed.append(product)
    with transaction.atomic(using="default"):
        columns = ["rating", "review_count", "updated_at"]
        Product.objects.using("default").bulk_update(changed, columns, batch_size=100)
        announce([product.pk for product in changed])
    return len(changed)
