"""What each kind of staff may do: Django groups, made from this table."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

_SHOP = ("catalog.category", "catalog.product", "catalog.sku", "catalog.productimage", "catalog.banner")
_MONEY = ("payments.payment", "payments.refund", "payments.billcheck", "payments.suspicion")
_ORDER = ("orders.order", "orders.orderline", "orders.orderevent", "logistics.shipment")
_TALK = ("conversations.conversation", "conversations.message")


def _may(names: Iterable[str], *verbs: str) -> set[str]:
    return {f"{name.replace('.', f'.{verb}_')}" for name in names for verb in verbs}


def _duties(*names: str) -> set[str]:
    return {f"backoffice.{name}" for name in names}


_WAREHOUSE = _may((*_ORDER, "inventory.stock"), "view") | _duties("ship_order")
_SERVICE = (
    _may((*_ORDER, *_TALK, "users.user", "uploads.upload"), "view")
    | _may(["uploads.upload"], "change")
    | _duties("moderate_review", "answer_customer")
)
_FINANCE = _may((*_ORDER, *_MONEY), "view") | _duties("refund_order")
_MANAGER = (
    _WAREHOUSE
    | _SERVICE
    | _FINANCE
    | _may((*_SHOP, "logistics.freightrule", "flash.flashsale"), "view", "add", "change", "delete")
    | _may(["coupons.coupon"], "view", "add", "change")
    | _may(["coupons.usercoupon", "flash.flashpurchase", "backoffice.auditentry"], "view")
    | _duties("cancel_order", "set_stock", "revoke_session")
)
ROLES: dict[str, set[str]] = {
    "manager": _MANAGER,
    "warehouse": _WAREHOUSE,
    "service": _SERVICE,
    "finance": _FINANCE,
}
TITLES = {"manager": "店长", "warehouse": "仓库", "service": "客服", "finance": "财务"}


@transaction.atomic(using="default")
def establish() -> int:
    """Make the groups have exactly the permissions of the table; how many groups differed.

    Permissions come into being by `migrate`. Raises LookupError for one that isn't there.
    """
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    missing = sorted(set().union(*ROLES.values()) - known.keys())
    if missing:
        raise LookupError(f"no such permissions (run migrate first): {', '.join(missing)}")
    changed = 0
    for role, names in ROLES.items():
        group, made = Group.objects.get_or_create(name=role)
        wanted = {known[name].pk for name in names}
        if made or wanted != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(wanted)
            changed += 1
    return changed


@transaction.atomic(using="default")
def employ(*, name: str, role: str, password: str) -> User:
    """A member of the staff with one role. An account that is there gets this role and password, and may log in."""
    user, _ = User.objects.get_or_create(username=name)
    user.is_staff = user.is_active = True
    user.set_password(password)
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return user


def ensure(*, name: str, role: str, password: str) -> bool:
    """The same, but whoever is this already stays logged in; whether anything was changed."""
    user = User.objects.filter(username=name, is_staff=True, is_active=True, groups__name=role).first()
    if user is not None and user.groups.count() == 1 and user.check_password(password):
        return False
    employ(name=name, role=role, password=password)
    return True


def dismiss(*, name: str) -> bool:
    """End an account: its sessions are void at once. False when there is no such account."""
    return bool(User.objects.filter(username=name).update(is_active=False))
