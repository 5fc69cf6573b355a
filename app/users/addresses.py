"""Changes of addresses. The user's row is locked for each, so that the default stays one and the number bounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from core.errors import ApiError
from users import selectors
from users.models import Address, User
from users.selectors import DeliveryAddress

MAX_ADDRESSES = 20


@dataclass(frozen=True)
class Draft:
    """An address as a user writes it."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    is_default: bool


def add(*, user_id: int, draft: Draft) -> DeliveryAddress:
    """Keep another address; a user's first one is the default. Raises 409 `too_many` after 20."""
    with _locked(user_id) as addresses:
        held = addresses.count()
        if held >= MAX_ADDRESSES:
            raise ApiError(409, "too_many", f"at most {MAX_ADDRESSES} addresses are kept")
        made = Address(user_id=user_id, **{**asdict(draft), "is_default": draft.is_default or not held})
        if made.is_default:
            addresses.filter(is_default=True).update(is_default=False)
        made.save(using="default", force_insert=True)
    return selectors.delivery(made)


def replace(*, user_id: int, address_id: int, draft: Draft) -> DeliveryAddress:
    """Write an address anew. The default stays so until another becomes it. Raises 404."""
    with _locked(user_id) as addresses:
        found = _own(addresses, address_id)
        for name, value in asdict(draft).items():
            setattr(found, name, value or found.is_default if name == "is_default" else value)
        if draft.is_default:
            addresses.exclude(pk=address_id).filter(is_default=True).update(is_default=False)
        found.save(using="default", force_update=True)
    return selectors.delivery(found)


def remove(*, user_id: int, address_id: int) -> None:
    """Forget an address; the newest of the others takes over as the default. Raises 404."""
    with _locked(user_id) as addresses:
        found = _own(addresses, address_id)
        found.delete(using="default")
        newest = addresses.order_by("-pk").first()
        if found.is_default and newest is not None:
            addresses.filter(pk=newest.pk).update(is_default=True)


def _own(addresses: Any, address_id: int) -> Address:
    found: Address | None = addresses.filter(pk=address_id).first()
    if found is None:
        raise ApiError(404, "not_found", "there is no such address")
    return found


@contextmanager
def _locked(user_id: int) -> Iterator[Any]:
    with transaction.atomic(using="default"):
        User.objects.using("default").select_for_update().get(pk=user_id)
        yield Address.objects.using("default").filter(user_id=user_id)
