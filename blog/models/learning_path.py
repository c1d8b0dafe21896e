from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .post import UNREAD_BY_CARDS, Post
from .routes import route
from .sequence import Ordered, Place, Sequence, opening, with_counts


class LearningPath(Ordered):
    """A way through the posts that editors have laid: steps in order, from what a reader knows to what they want to."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    introduction = models.TextField(
        blank=True,
        help_text=gettext_lazy(
            "Plain text: whom the path is for, and where it leads. Listings show its beginning."
        ),
    )

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return route("learning-path", self.slug)

    @property
    def opening(self) -> str:
        """The beginning of the introduction, for lists and for machines."""
        return opening(self.introduction)


class PathStep(models.Model):
    """A post's place on a path. A post may stand on several."""

    learning_path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="steps")
    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="path_steps")
    number = models.PositiveSmallIntegerField()
    note = models.CharField(
        max_length=300,
        blank=True,
        help_text=gettext_lazy("Why this step, in a sentence: what to look for, what may be skipped."),
    )

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["learning_path", "post"], name="pathstep_post_once"),
            # Deferred, so that two steps can change places in one transaction.
            models.UniqueConstraint(
                fields=["learning_path", "number"],
                name="pathstep_number_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(name="pathstep_number_positive", condition=Q(number__gt=0)),
        ]

    def __str__(self) -> str:
        return _("Step {number}").format(number=self.number)


def path_with_steps(path: LearningPath, *, at: datetime) -> Sequence:
    """The path's steps that are live at `at` (aware), with the editors' notes. One query.

    Steps are counted anew, 1, 2, 3: a gap would tell that a post is on its way. The posts come with their level; who
    shows more of them than title, summary and minutes calls `fill_cards`.
    """
    live = Post.objects.live(at).filter(path_steps__learning_path=path)
    posts = (
        live.select_related("learning_level")
        .defer(*UNREAD_BY_CARDS)
        .annotate(step_number=F("path_steps__number"), step_note=F("path_steps__note"))
        .order_by("step_number", "pk")
    )
    return Sequence([Place(n, post, post.step_note) for n, post in enumerate(posts, start=1)])


def paths_with_counts(at: datetime) -> list[LearningPath]:
    """All paths that have a step live at `at` (aware), with `posts_count`, `minutes`, `newest_at`, `profile` and
    `levels`. Those that ask least of their reader come first, equal ones by title. Two queries."""
    found = with_counts(LearningPath.objects.all(), "steps", order=("title", "pk"), at=at)
    return sorted(found, key=lambda path: path.levels[0].number)
