"""The process groups that the shop is split into: one image, and for each group its own processes, port and account.

`roles/app/defaults/main.yml` repeats names, ports and paths for Nginx and systemd; a test holds the two together.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """`paths` are the beginnings of what Nginx sends here; `routers` the domains whose `api.router` is mounted."""

    name: str
    port: int
    paths: tuple[str, ...]
    routers: tuple[str, ...]


API = "/api/v1"
GROUPS: tuple[Group, ...] = (
    Group(
        "catalogue",
        8001,
        (f"{API}/home", f"{API}/categories", f"{API}/products", f"{API}/search", f"{API}/recommendations"),
        ("catalog", "search", "recommendations"),
    ),
    Group(
        "trade",
        8002,
        (
            f"{API}/cart",
            f"{API}/coupons",
            f"{API}/checkout",
            f"{API}/orders",
            f"{API}/flash-sales",
            f"{API}/payments",
        ),
        ("cart", "coupons", "orders", "flash", "payments", "logistics"),
    ),
    Group("user", 8003, (f"{API}/auth", f"{API}/me", f"{API}/client"), ("users",)),
    Group(
        "service",
        8004,
        (f"{API}/reviews", f"{API}/conversation", f"{API}/uploads", f"{API}/wechat"),
        ("reviews", "conversations", "uploads"),
    ),
    Group("admin", 8005, ("/admin",), ()),
    # Nobody sends it requests: what it serves is its metrics.
    Group("worker", 8009, (), ()),
)
BY_NAME = {group.name: group for group in GROUPS}
ALL = "all"
"""One process that serves every group: tests and the OpenAPI document."""


def served(name: str) -> tuple[Group, ...]:
    """The groups that a process named `name` serves. Raises KeyError for a name that is none."""
    return GROUPS if name == ALL else (BY_NAME[name],)
