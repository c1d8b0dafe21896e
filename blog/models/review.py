from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Comment(models.Model):
    """What somebody said of a post while it was written: on a passage, on a figure, or on the whole; or in reply.

    A passage is remembered by its words and by those around it, not by its place: texts move. `publishing.review` finds
    it again. A note that came with handing the post over stays open until the post is judged or taken back.
    """

    class Place(models.TextChoices):
        POST = "post", _("The whole post")
        TITLE = "title", _("Title")
        SUMMARY = "summary", _("Summary")
        BODY = "body", _("Text")
        FIGURE = "figure", _("Figure")
        NOTE = "note", _("Handed over")

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="comments")
    version = models.PositiveIntegerField(help_text="The version of the post that was read.")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="review_comments",
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="replies"
    )
    place = models.CharField(max_length=8, choices=Place, default=Place.POST)
    figure_key = models.CharField(max_length=100, blank=True)
    quote = models.CharField(max_length=1_000, blank=True, help_text="The passage, blanks made single.")
    before = models.CharField(max_length=120, blank=True, help_text="What stands right before the passage.")
    after = models.CharField(max_length=120, blank=True, help_text="What stands right after it.")
    text = models.TextField()
    made_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )

    class Meta:
        ordering = ["made_at", "id"]
        indexes = [
            models.Index(fields=["post"], name="comment_open", condition=Q(resolved_at=None, parent=None)),
            models.Index(fields=["author", "-made_at", "-id"], name="comment_author"),
        ]
        constraints = [
            models.CheckConstraint(
                name="comment_place_known",
                condition=Q(place__in=["post", "title", "summary", "body", "figure", "note"]),
            ),
            models.CheckConstraint(
                name="comment_says_something", condition=~Q(text="") | Q(place="note", parent=None)
            ),
            models.CheckConstraint(
                name="comment_figure_is_named", condition=~Q(place="figure") | ~Q(figure_key="")
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Approval(models.Model):
    """A reviewer's verdict on a post as it stood. It is about those words: `digest` tells them, so that a verdict falls
    when they change and stays when only a date is chosen. `publishing.review` counts."""

    class Verdict(models.TextChoices):
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Asked for changes")
        WAIVED = "waived", _("Published without approval")

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, db_index=False, related_name="approvals")
    version = models.PositiveIntegerField(help_text="The version of the post that was judged.")
    digest = models.CharField(max_length=64, help_text="Of what was judged.")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    verdict = models.CharField(max_length=8, choices=Verdict)
    sentence = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["post", "-made_at", "-id"], name="approval_newest"),
            models.Index(fields=["reviewer"], name="approval_reviewer", condition=Q(reviewer__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="approval_verdict_known", condition=Q(verdict__in=["approved", "changes", "waived"])
            ),
            models.CheckConstraint(
                name="approval_says_what_to_change", condition=~Q(verdict="changes") | ~Q(sentence="")
            ),
        ]

    def __str__(self) -> str:
        return self.get_verdict_display()
