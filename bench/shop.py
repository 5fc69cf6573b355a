"""Measure the shop on a running stack against its limits. `python bench/shop.py --help`.

It fills the environment with 20,000 products and places orders that it then cancels: `test` is made for that.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import shoppers
from bench.figures import Figure
from bench.stack import Stack
from shopctl.shopper.target import read

CATALOGUE = "catalogue"
SHARE = 0.6
"""Of a constant answer's rate, what a read of the catalogue must reach."""
QUERIES, PRODUCTS, SEARCH_MS = 4, 20_000, 20.0
INDEX_SECONDS, PROCESSES = 120, 6
WORDS = (
    "手机壳",
    "数据线",
    "保温杯",
    "蓝牙耳机",
    "磨砂手机壳",
    "透明",
    "硅胶支架",
    "复古马克杯",
    "北欧台灯",
    "龙井",
    "普洱茶",
    "红茶",
    "纯棉短袖",
    "帆布手提袋",
    "不锈钢",
    "收纳盒",
)

_COUNT = """
import json
from contextlib import ExitStack
from django.db import connections
from catalog import pages
from catalog.models import Product
number, seen = Product.objects.filter(listed=True).order_by("-pk").values_list("pk", flat=True)[0], []
def count(execute, sql, *rest):
    seen.append(sql)
    return execute(sql, *rest)
# Once before, so that what opening a connection takes is not counted.
assert pages.read_product(number)
with ExitStack() as stack:
    for connection in connections.all():
        stack.enter_context(connection.execute_wrapper(count))
    assert pages.read_product(number)
print(json.dumps(len(seen)))
"""
_SALE = """
import json, sys
from datetime import timedelta
from django.utils import timezone
from flash.models import FlashSale
from inventory import services
from catalog.models import Sku
pieces, now = int(sys.argv[1]), timezone.now()
sku = Sku.objects.filter(active=True, product__listed=True).order_by("pk")[0]
services.set_stock(sku_id=sku.pk, available=10 * pieces)
sale = FlashSale.objects.create(sku_id=sku.pk, price_fen=100, starts_at=now - timedelta(minutes=1),
    ends_at=now + timedelta(minutes=30), total=pieces, left=pieces, per_user=1)
print(json.dumps(sale.pk))
"""
_SEED = """
import json, sys
from catalog.demo import many
from catalog.models import Product
many.create(int(sys.argv[1]))
listed = Product.objects.filter(listed=True)
print(json.dumps([listed.count(), listed.filter(name__contains=sys.argv[2]).count()]))
"""


def catalogue(stack: Stack) -> Figure:
    """How much dearer a cached read is than a constant answer of the same server, asked in turns."""
    addresses = {"constant": ["/healthz"], "catalogue": ["/api/v1/products?page=1"]}
    found = stack.ask(CATALOGUE, addresses, seconds=0.5, rounds=25, connections=8)
    constants, reads = (found[name]["per_second"] for name in ("constant", "catalogue"))
    # Neighbours in time are compared, as the machine has other things to do as well.
    dearer = median(constant / rate for constant, rate in zip(constants, reads, strict=True))
    each = {
        "% of the constant answer's rate": 100 / dearer,
        "reads/s": median(reads),
        "constant/s": median(constants),
    }
    return Figure("cached catalogue read", dearer, 1 / SHARE, "x", each=each)


def queries(stack: Stack) -> Figure:
    """How many queries a product's page takes when the cache is empty."""
    return Figure("queries of a product page", stack.django(CATALOGUE, _COUNT), QUERIES, "")


def search(stack: Stack) -> Figure:
    """Searches one after the other; each address comes once, so that no memory answers."""
    there, named = stack.django("admin", _SEED, PRODUCTS, WORDS[0])
    _wait_for_index(stack, named)
    paths = [f"/api/v1/search?q={quote(word)}&page={page}" for page in range(1, 26) for word in WORDS]
    found = stack.ask(CATALOGUE, {"search": paths}, seconds=4.0, rounds=1, connections=1)["search"]
    problem = f"only {there} products" if there < PRODUCTS else None
    each = {"searches": found["answers"]}
    return Figure("search, p95", found["p95_ms"], SEARCH_MS, "ms", problem=problem, each=each)


def _wait_for_index(stack: Stack, named: int) -> None:
    """Each process has an index of its own, which learns of new products a moment later."""
    limit = time.monotonic() + INDEX_SECONDS
    for _ in range(PROCESSES):
        line = stack.target.lines()["shop"]
        while read(line, f"/search?q={quote(WORDS[0])}")["total"] < named:
            if time.monotonic() > limit:
                raise SystemExit(f"after {INDEX_SECONDS} s a search still doesn't find all {named} products")
            time.sleep(1)
        line.close()


def orders(stack: Stack) -> Figure:
    """See `shoppers.orders`."""
    with tempfile.TemporaryDirectory(prefix="shopctl-bench-") as folder:
        return shoppers.orders(stack.target, Path(folder))


def flash(stack: Stack) -> Figure:
    """See `shoppers.flash_sale`."""
    sale = stack.django("admin", _SALE, shoppers.PIECES)
    with tempfile.TemporaryDirectory(prefix="shopctl-bench-") as folder:
        return shoppers.flash_sale(stack.target, Path(folder), sale)


PARTS: dict[str, Callable[[Stack], Figure]] = {
    "catalogue": catalogue,
    "queries": queries,
    "orders": orders,
    "flash": flash,
    "search": search,
}


def main() -> int:
    """Measure, print, and fail when a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--env", default="test", help="a local environment that is up")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}; all when none is named"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    stack = Stack(arguments.env)
    figures = [PARTS[name](stack) for name in arguments.parts or PARTS]
    if arguments.json:
        print(json.dumps([figure.as_json() for figure in figures], indent=2))
    else:
        print("\n".join(line for figure in figures for line in figure.lines()))
    return 0 if all(figure.kept for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
