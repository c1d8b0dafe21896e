"""A form that was opened before somebody saved the post must not overwrite that save without a word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.options import get_content_type_for_model
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from blog.models import Post

from .state import moment


class SeenVersion(forms.ModelForm):
    """Remembers which version of the post its fields were filled from. A form without the field is not asked."""

    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version

    def refuse_stale(self) -> None:
        """Raises ValidationError when the post has been saved since the form was opened and saving would change it.

        The row stays locked until the transaction ends, so that of two forms sent at once the second sees the first.
        The form comes back with all that was typed; sent once more, it replaces the other version on purpose.
        """
        seen = self.cleaned_data.get("seen_version")
        if seen is None or not self.instance.pk:
            return
        stored = (
            Post.objects.select_for_update()
            .filter(pk=self.instance.pk)
            .values_list("version", flat=True)
            .first()
        )
        # Sent twice by the same hand, the second says nothing new.
        if stored in {None, seen} or not set(self.changed_data) - {"seen_version"}:
            return
        data: Any = self.data.copy()  # type: ignore[attr-defined] # always a QueryDict here
        data[self.add_prefix("seen_version")] = str(stored)
        self.data = data
        raise ValidationError(
            format_html(
                "{} after you had opened this form. Nothing is lost: what you typed stands below, what was saved is in "
                '<a href="{}" target="_blank">the post as it is now</a>. Save again to replace that with yours.',
                self._who_saved(),
                reverse("admin:blog_post_change", args=[self.instance.pk]),
            ),
            code="stale",
        )

    def _who_saved(self) -> str:
        kind = get_content_type_for_model(self.instance)
        entries = LogEntry.objects.filter(content_type=kind, object_id=str(self.instance.pk)).select_related(
            "user"
        )
        last = entries.order_by("-action_time", "-pk").first()
        return (
            f"{last.user} saved this post on {moment(last.action_time)}," if last else "This post was saved"
        )
