"""Customer service: talks with something unread first, and each as a chat."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from backoffice import audit
from backoffice.admins.base import ReadOnlyAdmin
from backoffice.audit import Deed
from conversations import selectors, services, window
from conversations.models import Conversation
from conversations.services import Words
from core.errors import ApiError
from uploads import pictures
from uploads import services as uploads
from users import selectors as users

SHOWN = 200


class ReplyForm(forms.Form):
    """An answer: a text, or a picture."""

    text = forms.CharField(
        label="回复", required=False, max_length=services.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    picture = forms.FileField(label="图片", required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two. Raises ValidationError."""
        cleaned = super().clean() or self.cleaned_data
        if bool((cleaned.get("text") or "").strip()) == bool(cleaned.get("picture")):
            raise forms.ValidationError("请填写文字或选择一张图片（二选一）")
        return cleaned


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """Talks."""

    list_display = ("__str__", "unread", "last_text", "last_at")
    search_fields = ("=user_id", "=openid")
    ordering = ("-unread", "-last_at")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The talk as a chat. Looking at it marks it as read; a POST answers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        talk = self.get_object(request, object_id)
        if talk is None:
            raise Http404
        may_answer = request.user.has_perm("backoffice.answer_customer")
        form = ReplyForm(request.POST or None, request.FILES or None)
        if request.method == "POST":
            if not may_answer:
                raise PermissionDenied
            if form.is_valid() and _answer(request, talk, form):
                return redirect(reverse("admin:conversations_conversation_change", args=[talk.pk]))
        lines = selectors.latest(conversation_id=talk.pk, limit=SHOWN)
        if may_answer and lines:
            services.read(conversation_id=talk.pk, up_to=lines[-1].id)
        return TemplateResponse(
            request, "backoffice/chat.html", {**self._context(request, talk), "lines": lines, "form": form}
        )

    def _context(self, request: HttpRequest, talk: Conversation) -> dict[str, Any]:
        profile = users.profiles([talk.user_id]).get(talk.user_id) if talk.user_id else None
        return {
            **self.admin_site.each_context(request),
            "title": f"{profile.nickname}（{talk}）" if profile else str(talk),
            "opts": self.opts,
            "talk": talk,
            "may_answer": request.user.has_perm("backoffice.answer_customer"),
            "open_until": window.open_until(selectors.contact(talk), timezone.now()),
        }


def _answer(request: HttpRequest, talk: Conversation, form: ReplyForm) -> bool:
    text, picture = form.cleaned_data["text"].strip(), form.cleaned_data["picture"]
    try:
        with transaction.atomic(using="default"):
            key = ""
            if picture:
                content = picture.read(pictures.MAX_BYTES + 1)
                key = uploads.accept(user_id=None, content=content).key
            words = Words(text=text, image_key=key)
            made = services.answer(conversation_id=talk.pk, staff=request.user.get_username(), words=words)
            said = {"message": made.pk, "text": text, "image_key": key}
            audit.record_on(
                request, talk, Deed("回复客服消息", "conversations.conversation", talk.pk, None, said)
            )
    except ApiError as error:
        messages.error(request, f"未发送：{error.message}")
        return False
    return True
