"""What other domains may know of users."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import ApiError
from uploads import selectors as uploads
from users.models import Address, User


@dataclass(frozen=True)
class DeliveryAddress:
    """Where an order goes."""

    id: int
    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    is_default: bool


@dataclass(frozen=True)
class Profile:
    """What everybody may see of a user."""

    nickname: str
    avatar_url: str


def delivery(address: Address) -> DeliveryAddress:
    """A stored address as others see it."""
    return DeliveryAddress(
        id=address.pk,
        name=address.name,
        phone=address.phone,
        province=address.province,
        city=address.city,
        district=address.district,
        street=address.street,
        is_default=address.is_default,
    )


def get(user_id: int) -> User:
    """A user. Raises 404."""
    found = User.objects.using("default").filter(pk=user_id).first()
    if found is None:
        raise ApiError(404, "not_found", "there is no such user")
    return found


def address(*, user_id: int, address_id: int) -> DeliveryAddress:
    """One of the user's addresses. Raises 404 for anybody else's."""
    found = Address.objects.using("default").filter(pk=address_id, user_id=user_id).first()
    if found is None:
        raise ApiError(404, "not_found", "there is no such address", field="address_id")
    return delivery(found)


def addresses(*, user_id: int) -> list[DeliveryAddress]:
    """All of a user's addresses, the default one first and then the newest."""
    found = Address.objects.using("default").filter(user_id=user_id).order_by("-is_default", "-pk")
    return [delivery(one) for one in found]


def openid(user_id: int) -> str:
    """WeChat's name for a user; empty for one who only has a phone number."""
    found = User.objects.using("default").filter(pk=user_id).values_list("openid", flat=True).first()
    return found or ""


def by_openid(openid: str) -> int | None:
    """The user with this openid."""
    return User.objects.using("default").filter(openid=openid).values_list("pk", flat=True).first()


def profiles(user_ids: Iterable[int]) -> dict[int, Profile]:
    """Names and pictures of users. A picture is shown when its content check has passed."""
    found = list(
        User.objects.using("default").filter(pk__in=set(user_ids)).values_list("pk", "nickname", "avatar_key")
    )
    shown = uploads.approved(key for _, _, key in found)
    return {pk: Profile(nickname, uploads.url(key) if key in shown else "") for pk, nickname, key in found}
