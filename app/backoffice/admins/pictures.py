"""Pictures in forms: the staff chooses a file, and what is stored is its key."""

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.selectors import media_url
from core.errors import ApiError
from uploads import pictures
from uploads import services as uploads


class PictureForm(forms.ModelForm):
    """A form with a file for the model's column `picture_column`."""

    picture_column: ClassVar[str] = "image_key"
    picture = forms.FileField(label="上传图片", required=False)

    def clean(self) -> dict[str, Any] | None:
        """Store the file. Raises ValidationError for what is no picture."""
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("picture")
        if file:
            try:
                upload = uploads.accept(user_id=None, content=file.read(pictures.MAX_BYTES + 1))
            except ApiError as error:
                raise forms.ValidationError({"picture": error.message}) from error
            setattr(self.instance, self.picture_column, upload.key)
            cleaned[self.picture_column] = upload.key
        elif not getattr(self.instance, self.picture_column) and self._needed():
            raise forms.ValidationError({"picture": "请选择图片"})
        return cleaned

    def _needed(self) -> bool:
        return not self._meta.model._meta.get_field(self.picture_column).blank


def preview(key: str) -> SafeString | str:
    """A small picture."""
    address = media_url(key)
    return format_html('<img class="preview" src="{}" alt="">', address) if address else "—"
