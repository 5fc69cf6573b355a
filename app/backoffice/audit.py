"""Writing down what the staff does: for Django's history of an object, and for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from backoffice import clients
from backoffice.models import AuditEntry
from core.logs import request_id

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Deed:
    """What was done to what; `before` and `after` are what differs, where it is known."""

    action: str
    label: str
    object_id: object
    before: Values | None = None
    after: Values | None = None


def snapshot(obj: models.Model) -> dict[str, Any]:
    """A row's values."""
    return {field.attname: _plain(field.value_from_object(obj)) for field in obj._meta.concrete_fields}


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


def stored(obj: models.Model) -> dict[str, Any] | None:
    """The values that the row has in the database now."""
    found = type(obj)._default_manager.using("default").filter(pk=obj.pk).first() if obj.pk else None
    return snapshot(found) if found else None


def record(request: HttpRequest, deed: Deed) -> None:
    """Keep a deed of the request's user. It belongs to the transaction of what was done."""
    assert request.user.pk is not None, "only somebody who is logged in does anything"
    before, after = _differing(deed.before, deed.after)
    AuditEntry.objects.using("default").create(
        at=timezone.now(),
        staff_id=request.user.pk,
        staff=request.user.get_username(),
        action=deed.action,
        label=deed.label,
        object_id=str(deed.object_id)[:64],
        before=before,
        after=after,
        request_id=request_id.get(),
        ip=clients.address(request),
    )


def record_save(request: HttpRequest, obj: models.Model, before: Values | None) -> None:
    """Keep that a form was saved; one that changed nothing leaves no trace."""
    after = snapshot(obj)
    if before != after:
        action = "新增" if before is None else "修改"
        record(request, Deed(action, obj._meta.label_lower, obj.pk, before, after))


def record_on(request: HttpRequest, obj: models.Model, deed: Deed) -> None:
    """Keep a deed, and show it in the history of the object that Django keeps."""
    record(request, deed)
    assert request.user.pk is not None
    LogEntry.objects.using("default").create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(obj),
        object_id=str(obj.pk),
        object_repr=str(obj)[:200],
        action_flag=CHANGE,
        change_message=deed.action,
    )


def _differing(before: Values | None, after: Values | None) -> tuple[Values | None, Values | None]:
    if before is None or after is None:
        return before, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
