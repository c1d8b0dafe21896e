from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class WorkingCopy(models.Model):
    """What one editor has typed into the form of one post and not saved: as it was typed, valid or not.

    `form` has for each field of the form the list of its values, and is NULL once that was saved on purpose: the row
    then only remembers which tab did, so that a request of that tab which comes late is known to be old. A post that
    was never saved has no key yet; the form of it brings one of its own, in `key`.
    """

    # Without a constraint in the database, which would lock the post's row for each new copy: a save that is under way
    # would make the copy wait. `publishing.keeping.forget` removes those whose post went away in between.
    post = models.ForeignKey(
        "blog.Post",
        on_delete=models.CASCADE,
        null=True,
        db_constraint=False,
        related_name="working_copies",
    )
    key = models.CharField(max_length=40, blank=True, default="", db_default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    form = models.JSONField(null=True)
    seen_version = models.PositiveIntegerField(
        default=0, help_text="The version of the post that the form was filled from."
    )
    number = models.PositiveIntegerField(default=1, help_text="Counts what was written into the copy.")
    tab = models.CharField(max_length=40, help_text="The opened form that wrote last.")
    sequence = models.BigIntegerField(help_text="Which of the tab's writings it was.")
    saved_at = models.DateTimeField()
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = gettext_lazy("working copies")
        ordering = ["-saved_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "post"],
                name="working_copy_once",
                condition=Q(post__isnull=False, discarded_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["user", "key"],
                name="working_copy_new_once",
                condition=Q(post__isnull=True, discarded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="working_copy_of_something",
                condition=Q(post__isnull=False, key="") | (Q(post__isnull=True) & ~Q(key="")),
            ),
        ]
        indexes = [models.Index(fields=["user", "-saved_at", "-id"], name="working_copy_newest")]

    def __str__(self) -> str:
        return self.title or _("unsaved changes")

    @property
    def title(self) -> str:
        """The post's title as it was typed; empty for none."""
        typed = (self.form or {}).get("title") or [""]
        return typed[0].strip()
