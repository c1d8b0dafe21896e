from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from .resembling import resembling
from .routes import route


class Tag(TagBase):
    """A free keyword. Two spellings that differ only in case, or in the width or composition of their letters, are one
    tag."""

    class Meta:
        ordering = ["name"]
        indexes = [resembling("slug", "name", name="tag_resembling")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="tag_name_unique_in_any_case",
                violation_error_message=_("This tag exists already."),
            ),
            models.UniqueConstraint(
                Lower(Func(F("name"), function="normalize", template="normalize(%(expressions)s, NFKC)")),
                name="tag_name_unique_in_any_width",
                violation_error_message=_("This tag exists already."),
            ),
        ]

    def get_absolute_url(self) -> str:
        return route("tag", self.slug)


class PostTag(ItemBase):
    """One post bears one tag: a real foreign key on both sides, no content types."""

    content_object = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="post_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="post_tags")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content_object", "tag"], name="posttag_once")]
