"""The form of a figure: an upload is verified before anything is stored."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog import imaging
from blog.imaging import vectors
from blog.models import Figure
from blog.models.figure import originals
from blog.publishing import figures, renaming, sentences
from blog.publishing.figures import key_from

from .base import Lines

__all__ = ["ENDINGS", "FigureForm", "key_from", "verified"]

ENDINGS = ".png,.jpg,.jpeg,.webp,.avif,.gif" + (",.svg" if vectors.accepted() else "")
SOURCE_BYTES = imaging.MAX_BYTES
WITH_SVG = gettext_lazy(
    "PNG, JPEG, WebP, AVIF, GIF or SVG, up to {most} MB. Diagrams are best as SVG, or as PNG, at least 1,400 pixels "
    "wide. Where it was taken and with what is removed."
)
WITHOUT_SVG = gettext_lazy(
    "PNG, JPEG, WebP, AVIF or GIF, up to {most} MB. Diagrams are best as PNG, at least 1,400 pixels wide. Where it was "
    "taken and with what is removed."
)


def verified(upload: UploadedFile) -> tuple[imaging.Cleaned, bytes]:
    """What the upload holds, cleaned, and its bytes.

    Raises:
        ValidationError: with the reason why the file can't be taken. Nothing is stored.
    """
    if (upload.size or 0) > imaging.MAX_BYTES:
        raise ValidationError(
            _("The file is larger than {most} MB. Scale it down first.").format(
                most=imaging.MAX_BYTES // 2**20
            )
        )
    try:
        # Asked first: what fails later, in the middle of a save, is no mistake of a field.
        for storage in (default_storage, originals()):
            storage.exists("nothing")
    except OSError:
        raise ValidationError(
            _("Pictures can't be stored at the moment. Nothing has been changed; try again in a minute.")
        ) from None
    data = upload.read()
    try:
        return imaging.clean(data, name=str(upload.name)), data
    except imaging.ImageRefused as refusal:
        raise ValidationError(sentences.of(refusal)) from None


class FigureForm(forms.ModelForm):
    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        max_length=255,
        help_text=format_lazy(
            WITH_SVG if vectors.accepted() else WITHOUT_SVG, most=imaging.MAX_BYTES // 2**20
        ),
    )
    caption = Lines(
        label=gettext_lazy("Caption"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "wide-text", "dir": "auto"}),
        help_text=gettext_lazy("Printed below it, after “Figure N:”."),
    )
    source_upload = forms.FileField(
        label=gettext_lazy("Drawing"),
        required=False,
        max_length=150,
        help_text=gettext_lazy(
            "The file that the picture was exported from, such as .drawio, .excalidraw or .fig, for whoever has to "
            "change it. Readers never get it."
        ),
    )
    without_source = forms.BooleanField(label=gettext_lazy("Remove the drawing"), required=False)

    class Meta:
        model = Figure
        fields: list[str] = []
        widgets = {
            "alt": forms.Textarea(attrs={"rows": 4, "class": "wide-text", "dir": "auto"}),
            "focus_x": forms.NumberInput(attrs={"min": 0, "max": 100, "class": "vSmallNumber"}),
            "focus_y": forms.NumberInput(attrs={"min": 0, "max": 100, "class": "vSmallNumber"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.data_of_upload = b""
        self.cleaned_upload: imaging.Cleaned | None = None
        self.renaming: renaming.Renaming | None = None
        self.duplicate: Figure | None = None
        if self.instance.pk:
            # The file of a figure is exchanged on a page of its own, where the posts that change are named.
            self.fields.pop("upload", None)
        if not self.instance.source_file:
            self.fields.pop("without_source", None)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            if self.instance.pk:
                more = _(
                    "When it changes, every post that names the figure is rewritten, and its former page leads to the "
                    "new one. Links from elsewhere to the figure within a post (#fig-key) then lead to the post's top."
                )
            else:
                more = _("Left empty, it is made from the name of the file.")
            self.fields["slug"].help_text = f"{self.fields['slug'].help_text} {more}"

    def clean_upload(self) -> UploadedFile | None:
        """Raises ValidationError with the reason why the file can't be taken. Nothing is stored yet."""
        upload: UploadedFile | None = self.cleaned_data["upload"]
        if not upload:
            return None
        self.cleaned_upload, self.data_of_upload = verified(upload)
        self.duplicate = figures.same_as(self.cleaned_upload.sha256)
        if self.duplicate:
            raise ValidationError(
                _("The library has this very file already, as “%(key)s”. Use that figure in your posts."),
                code="duplicate",
                params={"key": self.duplicate.slug},
            )
        self.instance.original_name = str(upload.name)[-200:]
        return upload

    def clean_source_upload(self) -> UploadedFile | None:
        upload: UploadedFile | None = self.cleaned_data["source_upload"]
        if upload and (upload.size or 0) > SOURCE_BYTES:
            raise ValidationError(
                _(
                    "The drawing is larger than %(most)d MB. Leave out the pictures in it, or keep it elsewhere."
                ),
                params={"most": SOURCE_BYTES // 2**20},
            )
        return upload

    def clean(self) -> dict[str, Any]:
        """Makes the key from the file's name where none is given."""
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("slug") and "slug" not in self.errors:
            made = self.instance.slug
            if cleaned.get("upload") and (made := key_from(str(cleaned["upload"].name))):
                made = figures.free_key(made)
            if made:
                cleaned["slug"] = made
            elif "upload" not in self.errors:
                self.add_error("slug", _("Give the figure a key: letters, digits and hyphens."))
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
        if self.cleaned_data.get("without_source"):
            figure.source_file = ""
        if source := self.cleaned_data.get("source_upload"):
            data = source.read()
            digest = hashlib.sha256(data).hexdigest()
            ending = PurePath(str(source.name)).suffix.lower()[:12]
            ending = ending if ending[1:].isalnum() and ending.isascii() else ".bin"
            figure.source_file = figures.put(originals(), f"sources/{digest[:2]}/{digest}{ending}", data)
        if self.renaming:
            renaming.carry_out(self.renaming, at=timezone.now())
        else:
            figures.save(figure, refocused=bool({"focus_x", "focus_y"}.intersection(self.changed_data)))
