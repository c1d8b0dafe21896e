from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .routes import route


class LearningLevel(models.Model):
    """How much a post asks of its reader: an axis beside the tree of subjects. Shown as “Advanced (300)”."""

    number = models.PositiveSmallIntegerField(unique=True, help_text=_("Its place on the axis, such as 300."))
    name = models.CharField(max_length=40, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(
        help_text=_("Whom posts of this level are written for, in a sentence or two.")
    )

    posts_count: int  # filled by `levels_with_counts`

    class Meta:
        ordering = ["number"]
        constraints = [models.CheckConstraint(name="level_number_positive", condition=Q(number__gt=0))]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"

    def get_absolute_url(self) -> str:
        return route("level", self.slug)
