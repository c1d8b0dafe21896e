from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q, Subquery, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .compiled import IsAnyOf
from .resembling import resembling
from .routes import route

# First steps of a path that the site itself answers below /category/, and words that listings put behind a path.
RESERVED_ROOTS = frozenset({"learning-levels"})
RESERVED_SLUGS = frozenset({"feed"})


class CategoryQuerySet(models.QuerySet["Category"]):
    def around(self, path: str) -> CategoryQuerySet:
        """The category at `path`, its ancestors and its children: a page's breadcrumb and its way down."""
        # By the parent's key, not by a join: so that each half is read by an index of its own.
        named = Category.objects.filter(path=path).order_by().values("pk")
        above = IsAnyOf(F("path"), Value(lineage(path), output_field=ArrayField(models.CharField())))
        return self.filter(Q(above) | Q(parent=Subquery(named)))


class Category(models.Model):
    """A shelf in the tree of subjects. A category lists its own posts and those of everything below it.

    `path` repeats the slugs from the root down, joined by `/`, so that one look-up finds a category and one
    prefix finds everything below it. `publishing.categories` keeps it true when a category moves.
    """

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=gettext_lazy("parent category"),
    )
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, allow_unicode=True, db_index=False)
    path = models.CharField(max_length=500, unique=True, editable=False)
    description = models.TextField(
        blank=True, help_text=gettext_lazy("One or two sentences, shown above the category's posts.")
    )
    position = models.PositiveSmallIntegerField(
        default=0,
        help_text=gettext_lazy("Among its siblings: smaller numbers come first, equal ones by name."),
    )

    approvals = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        validators=[MaxValueValidator(9)],
        verbose_name=gettext_lazy("approvals needed"),
        help_text=gettext_lazy(
            "How many reviewers must approve a post before it is published here or below; 0 for none."
        ),
    )

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = gettext_lazy("categories")
        ordering = ["path"]
        indexes = [resembling("path", "name", name="category_resembling")]
        constraints = [
            models.CheckConstraint(
                name="category_path_ends_in_slug",
                condition=Q(path=F("slug")) | Q(path__endswith=Concat(Value("/"), F("slug"))),
            ),
            models.CheckConstraint(
                name="category_root_has_plain_path",
                condition=(Q(parent__isnull=True) & ~Q(path__contains="/"))
                | (Q(parent__isnull=False) & Q(path__contains="/")),
            ),
            models.CheckConstraint(
                name="category_slug_not_reserved",
                condition=~Q(slug__in=sorted(RESERVED_SLUGS)) & ~Q(path__in=sorted(RESERVED_ROOTS)),
                violation_error_message=gettext_lazy(
                    "This slug is kept for the site's own pages; choose another."
                ),
            ),
        ]

    def __str__(self) -> str:
        """Names alone do not tell: “Security” may lie below several."""
        return f"{self.name} ({self.path})" if "/" in self.path else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.path = self.path_below_parent()
        if update_fields := kwargs.get("update_fields"):
            kwargs["update_fields"] = {*update_fields, "path"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return route("category", self.path)

    def path_below_parent(self) -> str:
        return f"{self.parent.path}/{self.slug}" if self.parent else self.slug

    @property
    def depth(self) -> int:
        """0 for a root."""
        return self.path.count("/")

    def clean(self) -> None:
        """Raises ValidationError where the database would refuse: a cycle, a reserved word, a long or taken path."""
        if self.parent and self.pk and (self.parent_id == self.pk or self._is_below_me(self.parent)):
            raise ValidationError(
                {
                    "parent": _("“{parent}” lies below “{self}”: a category can't move into itself.").format(
                        parent=self.parent, self=self
                    )
                }
            )
        if self.slug in RESERVED_SLUGS or (not self.parent_id and self.slug in RESERVED_ROOTS):
            raise ValidationError(
                {
                    "slug": _("“{slug}” is kept for the site's own pages; choose another.").format(
                        slug=self.slug
                    )
                }
            )
        path = self.path_below_parent()
        if len(path) > 500:
            raise ValidationError(
                {"slug": _("The whole path would be longer than 500 characters; shorten the slugs.")}
            )
        if Category.objects.filter(path=path).exclude(pk=self.pk).exists():
            raise ValidationError(
                {
                    "slug": _("Another category already lives at “{path}”; choose another slug.").format(
                        path=path
                    )
                }
            )

    def _is_below_me(self, other: Category) -> bool:
        mine = Category.objects.filter(pk=self.pk).values_list("path", flat=True).first()
        return mine is not None and (other.path == mine or other.path.startswith(f"{mine}/"))


def lineage(path: str) -> list[str]:
    """The path of every ancestor and of the category itself, root first: `a/b/c` gives `a`, `a/b`, `a/b/c`."""
    steps = path.split("/")
    return ["/".join(steps[: n + 1]) for n in range(len(steps))]
