"""Users, their pictures, and what the staff did."""

import json

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.admins.base import ReadOnlyAdmin, for_each
from backoffice.admins.pictures import preview
from backoffice.models import AuditEntry
from uploads import services as uploads
from uploads.models import Upload
from users import services, sessions
from users.models import User


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Users: read-only, but they can be logged out and kept out."""

    list_display = ("id", "nickname", "phone", "role", "live", "created_at", "blocked_at")
    list_filter = ("role",)
    search_fields = ("=id", "=phone", "=openid", "nickname")
    ordering = ("-id",)
    actions = ("revoke", "block", "unblock")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Users with the number of their sessions."""
        live = Q(sessions__revoked_at=None, sessions__expires_at__gt=timezone.now())
        return super().get_queryset(request).annotate(live_sessions=Count("sessions", filter=live))

    @admin.display(description="在线会话")
    def live(self, user: User) -> int:
        """Sessions that count."""
        return int(getattr(user, "live_sessions", 0))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Who may log users out."""
        return bool(request.user.has_perm("backoffice.revoke_session"))

    @admin.action(description="注销所有登录", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Log users out everywhere."""
        for_each(request, queryset, "注销登录", lambda user: sessions.revoke_all(user_id=user.pk))

    @admin.action(description="停用", permissions=["revoke"])
    def block(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Keep users out."""
        for_each(request, queryset, "停用", lambda user: services.block(user_id=user.pk))

    @admin.action(description="恢复", permissions=["revoke"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let users in again."""
        for_each(request, queryset, "恢复", lambda user: services.unblock(user_id=user.pk))


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Users' pictures; those that WeChat has no opinion of wait here for the staff."""

    list_display = ("shown", "key", "user_id", "state", "created_at", "asked_times")
    list_display_links = ("key",)
    list_filter = ("state",)
    search_fields = ("=key", "=user_id")
    ordering = ("-id",)
    actions = ("approve", "refuse")

    @admin.display(description="图片")
    def shown(self, upload: Upload) -> SafeString | str:
        """The picture."""
        return preview(upload.key)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        """Who decides."""
        return bool(request.user.has_perm("backoffice.moderate_review"))

    @admin.action(description="通过", permissions=["moderate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        """Show pictures."""
        for_each(request, queryset, "通过图片", lambda one: uploads.decide(key=one.key, approved=True))

    @admin.action(description="拒绝", permissions=["moderate"])
    def refuse(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        """Show pictures to nobody."""
        for_each(request, queryset, "拒绝图片", lambda one: uploads.decide(key=one.key, approved=False))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """What the staff did. Nobody changes or deletes any of it, here or with the admin's database account."""

    list_display = ("at", "staff", "action", "label", "object_id", "ip")
    list_filter = ("action", "label")
    search_fields = ("=staff", "=object_id", "=request_id")
    fields = ("at", "staff", "action", "label", "object_id", "was", "became", "request_id", "ip")
    readonly_fields = fields

    @admin.display(description="修改前")
    def was(self, entry: AuditEntry) -> SafeString | str:
        """Before."""
        return _pretty(entry.before)

    @admin.display(description="修改后")
    def became(self, entry: AuditEntry) -> SafeString | str:
        """After."""
        return _pretty(entry.after)


def _pretty(values: object) -> SafeString | str:
    if values is None:
        return "—"
    return format_html("<pre>{}</pre>", json.dumps(values, ensure_ascii=False, indent=2))
