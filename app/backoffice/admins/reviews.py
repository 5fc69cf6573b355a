"""Reviews: a list and a page of the admin's own, as they are in MongoDB."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from backoffice import audit
from backoffice.audit import Deed
from core.errors import ApiError
from reviews import selectors, services, store
from reviews.store import Review, State
from uploads import selectors as uploads

PAGE = 20
STATES = {
    State.WAITING: "待审核",
    State.CHECKING: "微信审核中",
    State.SHOWN: "显示中",
    State.HIDDEN: "已隐藏",
    State.REFUSED: "微信已拒绝",
}


class ModerateForm(forms.Form):
    """What to do with a review."""

    action = forms.ChoiceField(choices=[("publish", "显示"), ("hide", "隐藏"), ("reply", "回复")])
    text = forms.CharField(required=False, max_length=services.MAX_TEXT)


class ListForm(forms.Form):
    """Which reviews to list."""

    state = forms.ChoiceField(
        required=False, choices=[("", "全部"), *((str(state), name) for state, name in STATES.items())]
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=10_000)


def _checked(request: HttpRequest) -> None:
    if not request.user.has_perm("backoffice.moderate_review"):
        raise PermissionDenied


def listing(request: HttpRequest) -> HttpResponse:
    """Reviews of a state, the newest first."""
    _checked(request)
    form = ListForm(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    state, page = State(wanted["state"]) if wanted.get("state") else None, wanted.get("page") or 1
    rows: list[dict[str, Any]] = []
    total = 0
    try:
        total = store.count(state=state)
        found = store.listed(state=state, skip=(page - 1) * PAGE, limit=PAGE)
        rows = _rows(found)
    except ApiError as error:
        messages.error(request, f"评价暂不可用：{error.message}")
    context = {
        **admin.site.each_context(request),
        "title": "商品评价",
        "rows": rows,
        "states": [(str(one), name) for one, name in STATES.items()],
        "state": str(state or ""),
        "page": page,
        "pages": max(1, -(-total // PAGE)),
        "total": total,
    }
    return TemplateResponse(request, "backoffice/reviews.html", context)


def _rows(reviews: list[Review]) -> list[dict[str, Any]]:
    keys = [key for review in reviews for key in review.image_keys]
    states = uploads.states(keys)
    return [
        {
            "review": one.review,
            "author": one.author,
            "state": STATES[one.review.state],
            "shown": one.review.state is State.SHOWN,
            "images": [
                {"url": uploads.url(key), "state": states.get(key, "")} for key in one.review.image_keys
            ],
        }
        for one in selectors.shown(reviews)
    ]


def moderate(request: HttpRequest, review_id: str) -> HttpResponse:
    """Show, hide or answer a review."""
    _checked(request)
    if request.method != "POST":
        raise Http404
    form = ModerateForm(request.POST)
    if not form.is_valid():
        messages.error(request, "不明白这个操作")
    else:
        _do(request, review_id, form.cleaned_data["action"], form.cleaned_data["text"].strip())
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    # The list's own query only: an address from the form could lead anywhere.
    form = ListForm(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    return reverse("admin:reviews") + (f"?state={state}" if state else "")


def _do(request: HttpRequest, review_id: str, action: str, text: str) -> None:
    titles = {"publish": "显示评价", "hide": "隐藏评价", "reply": "回复评价"}
    try:
        before = store.find(review_id)
        if action == "reply":
            after = services.reply(review_id=review_id, text=text)
        else:
            after = {"publish": services.publish, "hide": services.hide}[action](review_id=review_id)
    except ApiError as error:
        messages.error(request, f"操作失败：{error.message}（{error.code}）")
        return
    was, became = ({"state": one.state, "reply": one.reply} if one else None for one in (before, after))
    audit.record(request, Deed(titles[action], "reviews.review", review_id, was, became))
    messages.success(request, f"{titles[action]}：完成")
