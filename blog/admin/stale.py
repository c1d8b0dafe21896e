"""A form knows which version of the post it was filled from, so that saving it overwrites nobody's words unseen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from blog.models import Post
from blog.publishing.contents import LABELS


class SeenVersion(forms.ModelForm):
    """Remembers which version of the post its fields were filled from. A form without the field asks for no merge."""

    seen_version = forms.IntegerField(
        required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput
    )

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
