from __future__ import annotations

from datetime import datetime
from urllib.parse import unquote

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from .figure import Figure

TARGETS = ("post", "category", "level", "tag", "author", "series", "figure", "learning_path")


def as_typed(path: str) -> str:
    """The path of a URL as it stands in the address bar and in `Address.path`: letters of any script, not percent
    signs, which would take nine characters for one."""
    return unquote(path)


class AddressQuerySet(models.QuerySet["Address"]):
    def with_targets(self) -> AddressQuerySet:
        """With what a redirect must know of the targets, which is little: their words stay where they are."""
        known = ["post__status", "post__published_at", "post__expires_at", "category__path"]
        slugs = [f"{name}__slug" for name in TARGETS if name != "category"]
        return self.select_related(*TARGETS).only("path", *known, *slugs)


class Address(models.Model):
    """A path where something public used to live. It names the thing, not a place: however often the thing moves
    on, one redirect leads to where it lives now."""

    path = models.CharField(
        max_length=700, unique=True, help_text=_("As readers typed it, such as /posts/old-name/.")
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

    objects = AddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("addresses")
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

    def leads_somewhere(self, at: datetime) -> bool:
        """Whether readers may see the target at the instant `at` (aware). Asks the database about a figure: posts
        decide whether it has a page."""
        if self.post is not None:
            return self.post.is_live(at)
        if self.figure_id is not None:
            return Figure.objects.public(at).filter(pk=self.figure_id).exists()
        return True
