from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .resembling import resembling
from .routes import route


def validate_links(value: Any) -> None:
    """A list of objects with `label` and an http(s) `url`; raises ValidationError naming the entry that is not."""
    if not isinstance(value, list):
        raise ValidationError(_("Links are a list."))
    check = URLValidator(schemes=["http", "https"])
    for number, link in enumerate(value, start=1):
        if (
            not isinstance(link, dict)
            or set(link) != {"label", "url"}
            or not all(isinstance(v, str) for v in link.values())
        ):
            raise ValidationError(
                _("Link {number} needs a label and an address, and nothing else.").format(number=number)
            )
        if not link["label"].strip():
            raise ValidationError(_("Link {number} has no label; say where it leads.").format(number=number))
        try:
            check(link["url"])
        except ValidationError:
            raise ValidationError(
                _("Link {number}: “{url}” is not an http or https address.").format(
                    number=number, url=link["url"]
                )
            ) from None


class Author(models.Model):
    """Somebody who writes. Need not have an account; an account may be tied to one author."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    role = models.CharField(
        max_length=120, blank=True, help_text=gettext_lazy("Position or field of work, shown below the name.")
    )
    bio = models.TextField(
        blank=True, help_text=gettext_lazy("Two or three sentences, shown at the end of each post.")
    )
    portrait = models.ForeignKey(
        "blog.Figure", on_delete=models.PROTECT, null=True, blank=True, related_name="portrait_of"
    )
    links = models.JSONField(default=list, blank=True, validators=[validate_links])
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="author"
    )

    class Meta:
        ordering = ["name", "id"]
        indexes = [resembling("slug", "name", name="author_resembling")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return route("author", self.slug)

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


class Byline(models.Model):
    """One author of one post, in the order the names are printed."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="bylines")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="bylines")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["post", "author"], name="byline_once_per_author")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.post_id}"
