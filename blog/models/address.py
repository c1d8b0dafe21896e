from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

TARGETS = ("post", "category", "level", "tag", "author", "series", "figure", "learning_path")


class Address(models.Model):
    """A path where something public used to live. It names the thing, not a place: however often the thing moves
    on, one redirect leads to where it lives now."""

    path = models.CharField(
        max_length=700, unique=True, help_text="As readers typed it, such as /posts/old-name/."
    )
    post = models.ForeignKey(
        "blog.Post", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    category = models.ForeignKey(
        "blog.Category", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    level = models.ForeignKey(
        "blog.LearningLevel", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    tag = models.ForeignKey(
        "blog.Tag", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    author = models.ForeignKey(
        "blog.Author", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    series = models.ForeignKey(
        "blog.Series", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    figure = models.ForeignKey(
        "blog.Figure", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    learning_path = models.ForeignKey(
        "blog.LearningPath", on_delete=models.CASCADE, null=True, blank=True, related_name="addresses"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "addresses"
        ordering = ["path"]
        constraints = [
            models.CheckConstraint(
                name="address_has_one_target",
                condition=Exact(
                    Func(
                        *(F(f"{name}_id") for name in TARGETS),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
            ),
            models.CheckConstraint(name="address_is_a_path", condition=Q(path__startswith="/")),
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> models.Model:
        """What lives on. Fetches it unless `select_related` has."""
        return next(thing for name in TARGETS if (thing := getattr(self, name)) is not None)
