"""The form of a figure: an upload is verified before anything is stored."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from blog import imaging
from blog.models import Figure
from blog.publishing import figures, renaming

from .base import Lines

ENDINGS = ".png,.jpg,.jpeg,.webp,.avif,.gif"


class FigureForm(forms.ModelForm):
    upload = forms.FileField(
        label="Picture",
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        max_length=255,
        help_text=(
            f"PNG, JPEG, WebP, AVIF or GIF, up to {imaging.MAX_BYTES // 2**20} MB. Diagrams are best as PNG, at least "
            "1,400 pixels wide. Where it was taken and with what is removed."
        ),
    )
    caption = Lines(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "wide-text"}),
        help_text="Printed below it, after “Figure N:”.",
    )

    class Meta:
        model = Figure
        fields: list[str] = []
        widgets = {"alt": forms.Textarea(attrs={"rows": 4, "class": "wide-text"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.data_of_upload = b""
        self.cleaned_upload: imaging.Cleaned | None = None
        self.renaming: renaming.Renaming | None = None
        if self.instance.pk and "upload" in self.fields:
            self.fields["upload"].required = False
            self.fields["upload"].label = "New picture"
            self.fields["upload"].help_text = "Takes the place of the one above in every post that shows it."
        if "slug" in self.fields:
            self.fields["slug"].required = False
            if self.instance.pk:
                self.fields["slug"].help_text += (
                    " When it changes, every post that names the figure is rewritten, and its former page leads to the "
                    "new one. Links from elsewhere to the figure within a post (#fig-key) then lead to the post's top."
                )
            else:
                self.fields["slug"].help_text += " Left empty, it is made from the name of the file."

    def clean_upload(self) -> UploadedFile | None:
        """Raises ValidationError with the reason why the file can't be taken. Nothing is stored yet."""
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if not upload:
            return None
        name = str(upload.name)
        if (upload.size or 0) > imaging.MAX_BYTES:
            raise ValidationError(
                f"The file is larger than {imaging.MAX_BYTES // 2**20} MB. Scale it down first."
            )
        self.data_of_upload = upload.read()
        try:
            self.cleaned_upload = imaging.clean(self.data_of_upload, name=name)
        except imaging.ImageRefused as refusal:
            raise ValidationError(str(refusal)) from None
        self.instance.original_name = name[-200:]
        return upload

    def clean(self) -> dict[str, Any]:
        """Makes the key from the file's name where none is given."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("slug") and "slug" not in self.errors:
            made = key_from(str(cleaned["upload"].name)) if cleaned.get("upload") else self.instance.slug
            if made:
                cleaned["slug"] = made
            elif "upload" not in self.errors:
                self.add_error("slug", "Give the figure a key: letters, digits and hyphens.")
        return cleaned

    def _post_clean(self) -> None:
        """Once all else is in order, tries out a new key: a post that can't be rewritten is a mistake of this field."""
        former = self.instance.slug
        super()._post_clean()  # type: ignore[misc]
        if self.instance.pk and not self.errors and self.instance.slug != former:
            try:
                self.renaming = renaming.prepare(self.instance, key=self.instance.slug)
            except renaming.CannotRename as refusal:
                self.add_error("slug", str(refusal))

    def take(self, figure: Figure) -> None:
        """Stores what was uploaded, if anything was, and saves the figure."""
        if self.cleaned_upload:
            name = str(self.cleaned_data["upload"].name)
            figures.take_cleaned(figure, self.cleaned_upload, self.data_of_upload, name=name)
        if self.renaming:
            renaming.carry_out(self.renaming, at=timezone.now())
        else:
            figures.save(figure)


def key_from(name: str) -> str:
    """`EVS Inspection (final).png` gives `evs-inspection-final`; empty when the name has nothing to offer."""
    return re.sub(r"[^a-z0-9]+", "-", name.rsplit(".", 1)[0].lower()).strip("-")[:80].strip("-")
