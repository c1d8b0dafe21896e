from django.db import models
from django.db.models import Q
from django.urls import reverse


class LearningPath(models.Model):
    """A way through the posts that editors have laid: steps in order, from what a reader knows to what they want to."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True, allow_unicode=True)
    introduction = models.TextField(
        blank=True,
        help_text="Plain text: whom the path is for, and where it leads. Listings show its beginning.",
    )

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("learning-path", args=[self.slug])


class PathStep(models.Model):
    """A post's place on a path. A post may stand on several."""

    learning_path = models.ForeignKey(LearningPath, on_delete=models.CASCADE, related_name="steps")
    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="path_steps")
    number = models.PositiveSmallIntegerField()
    note = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why this step, in a sentence: what to look for, what may be skipped.",
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
        return f"Step {self.number}"
