from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Revision(models.Model):
    """A post as somebody left it on purpose: text, metadata, filing, authors and figures, whole. `publishing.contents`
    says what `content` holds; nothing in it is ever changed.

    `number` is the version of the post (`Post.version`) that the save made. Words that were set aside, because somebody
    else had saved meanwhile and both had changed the same place, bear the number that their form was opened from.
    """

    class Kind(models.TextChoices):
        SAVED = "saved", gettext_lazy("Saved")
        DRAFT = "draft", gettext_lazy("Draft on top")
        ASIDE = "aside", gettext_lazy("Set aside")

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SAVED)
    status = models.CharField(max_length=10, help_text="The post's, when it was made.")
    content = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=100, blank=True, help_text="What editors call this version.")
    note = models.CharField(max_length=300, blank=True, help_text="What happened with it, in a sentence.")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "number"], name="revision_once_a_version", condition=~Q(kind="aside")
            ),
        ]
        indexes = [models.Index(fields=["post", "-made_at", "-id"], name="revision_newest")]

    def __str__(self) -> str:
        return self.name or _("version {number}").format(number=self.number)
