"""Reads of freight and parcels."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.errors import ApiError
from logistics import carriers, pricing
from logistics.models import FreightRule, Shipment
from logistics.provinces import canonical

MAX_EVENTS = 100


@dataclass(frozen=True)
class Parcel:
    """An order's parcel. `carrier` is the company's name."""

    carrier: str
    tracking_number: str


@dataclass(frozen=True)
class Event:
    """Something that happened to a parcel."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Tracking(Parcel):
    """A parcel with what happened to it, newest first."""

    events: tuple[Event, ...]


def freight(*, province: str, goods_fen: int, weight_grams: int) -> int:
    """The price in fen of delivery to a province; without a rule for it or for all others, delivery is free."""
    name = canonical(province)
    rules = FreightRule.objects.using("default").filter(province__in=[name, ""])
    rule = max(rules, key=lambda one: one.province, default=None)
    if rule is None:
        return 0
    rate = pricing.Rate(
        base_fen=rule.base_fen,
        free_above_fen=rule.free_above_fen,
        first_grams=rule.first_grams,
        step_grams=rule.step_grams,
        step_fen=rule.step_fen,
    )
    return pricing.freight(rate, goods_fen=goods_fen, weight_grams=weight_grams)


def shipments(*, numbers: Iterable[str]) -> dict[str, Parcel]:
    """The parcels of those orders that have been shipped."""
    found = Shipment.objects.using("default").filter(number__in=set(numbers))
    return {one.number: _parcel(one) for one in found}


def tracking(*, number: str) -> Tracking:
    """Where an order's parcel is. Raises 404 `not_shipped`."""
    found = Shipment.objects.using("default").filter(number=number).first()
    if found is None:
        raise ApiError(404, "not_shipped", "the order has not been shipped yet")
    events = found.events.using("default").order_by("-at", "-pk")[:MAX_EVENTS]
    parcel = _parcel(found)
    return Tracking(
        parcel.carrier, parcel.tracking_number, tuple(Event(event.at, event.text) for event in events)
    )


def _parcel(shipment: Shipment) -> Parcel:
    return Parcel(carriers.NAMES.get(shipment.carrier, shipment.carrier), shipment.tracking_number)
