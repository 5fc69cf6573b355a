"""What all pages of the admin share: each change is audited, prices are read in yuan, actions report what they did."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import models, transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from backoffice import audit
from backoffice.audit import Deed
from core.errors import ApiError


def yuan(fen: int | None) -> str:
    """A price as people read it."""
    return "—" if fen is None else f"¥{fen / 100:,.2f}"


def by(request: HttpRequest) -> str:
    """How services are told who does something."""
    return f"staff:{request.user.pk}"


def attempt(request: HttpRequest, act: Callable[[], object]) -> bool:
    """Do something by a service; a refusal is shown to the staff. True when it was done."""
    try:
        act()
    except ApiError as error:
        messages.error(request, f"操作失败：{error.message}（{error.code}）")
        return False
    return True


def for_each(
    request: HttpRequest, objects: Iterable[models.Model], action: str, act: Callable[[Any], object]
) -> None:
    """An action on chosen rows: each by itself, with what it changed in the audit trail."""
    done = 0
    for obj in objects:
        before = audit.stored(obj)
        if attempt(request, lambda obj=obj: act(obj)):  # type: ignore[misc]
            done += 1
            after = audit.stored(obj)
            audit.record_on(request, obj, Deed(action, obj._meta.label_lower, obj.pk, before, after))
    messages.success(request, f"{action}：完成 {done} 项")


class ReadOnly(BaseModelAdmin):
    """Rows that services write, and that nobody changes by a form."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody."""
        return False


class ReadOnlyAdmin(ReadOnly, admin.ModelAdmin):
    """A page of read-only rows."""

    # Actions that call services are not changes by a form: each names the permission that it needs.
    list_per_page = 50
    show_full_result_count = False


class AuditedAdmin(admin.ModelAdmin):
    """A page whose changes are kept in the audit trail, in the transaction that makes them."""

    list_per_page = 50
    columns_of_services: ClassVar[bool] = False
    """Services count in the row too, so that only what the form changed may be written: never a count as it was."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        """Save a row."""
        before = audit.stored(obj) if change else None
        if change and self.columns_of_services:
            obj.save(using="default", update_fields=form.changed_data)
        else:
            super().save_model(request, obj, form, change)
        audit.record_save(request, obj, before)

    def save_formset(
        self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        """Save the rows that belong to one."""
        rows = [one.instance for one in formset.forms if one.instance.pk]
        before = {row.pk: audit.stored(row) for row in rows}
        super().save_formset(request, form, formset, change)
        for row in (*formset.new_objects, *(row for row, _ in formset.changed_objects)):
            audit.record_save(request, row, before.get(row.pk))
        self._record_deleted(request, formset, before)

    @staticmethod
    def _record_deleted(
        request: HttpRequest, formset: BaseModelFormSet, before: dict[Any, dict[str, Any] | None]
    ) -> None:
        assert formset.model
        # A deleted row has lost its key by now.
        left = set(
            formset.model._default_manager.using("default").filter(pk__in=before).values_list("pk", flat=True)
        )
        for pk, values in before.items():
            if pk not in left:
                audit.record(request, Deed("删除", formset.model._meta.label_lower, pk, values))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete a row."""
        deed = Deed("删除", obj._meta.label_lower, obj.pk, audit.snapshot(obj))
        super().delete_model(request, obj)
        audit.record(request, deed)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete chosen rows."""
        with transaction.atomic(using="default"):
            for obj in queryset:
                self.delete_model(request, obj)
