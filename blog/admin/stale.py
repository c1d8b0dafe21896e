"""A form knows which version of the post it was filled from, so that saving it overwrites nobody's words unseen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from blog.models import Post
from blog.publishing.contents import LABELS

UNKNOWN = 0  # no version has it: a save from there is asked about every field in which it differs
NEWEST = 2**31 - 1  # that a column holds


class VersionField(forms.Field):
    """The number of a version. Where nobody wrote one, or something else, an editor could mend nothing about a hidden
    field: it is `UNKNOWN` then, and what was typed is merged with whatever the post says, instead of put over it."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> int:
        text = str(value or "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(NEWEST)) else UNKNOWN
        return number if number <= NEWEST else UNKNOWN


class SeenVersion(forms.ModelForm):
    """Remembers which version of the post its fields were filled from."""

    seen_version = VersionField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen_version"] = self.instance.version


def tell_taken(request: HttpRequest, post: Post, taken: list[str], seen: int) -> None:
    """Says whose changes have come into the post with this save."""
    if not taken:
        return
    since = post.revisions.filter(number__gt=seen, number__lt=post.version).select_related("made_by")
    others = sorted({str(one.made_by) for one in since if one.made_by and one.made_by != request.user})
    who = ", ".join(others) or _("Somebody")
    fields = _(", ").join(str(LABELS[name]) for name in taken)
    messages.info(
        request,
        _("%(who)s had saved this post while you wrote. Both changes are in it now; taken over: %(fields)s.")
        % {"who": who, "fields": fields},
    )
