from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.encoding import filepath_to_uri
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.imaging.diagrams import SCALE

from .live import within
from .routes import route


def originals() -> Storage:
    """Where uploads lie as they came; nothing serves them."""
    return storages["originals"]


FIGURE_KEY = RegexValidator(
    r"\A[a-z0-9]+(-[a-z0-9]+)*\Z",
    gettext_lazy("Use lower-case letters, digits and single hyphens, such as “event-bus”."),
)

# "Figure 3: ", "Fig. 2.1 – ", as captions copied from elsewhere begin.
NUMBER = re.compile(r"\A\s*fig(?:ure|\.)?\s*\d{1,3}(?:\.\d{1,3})*\s*[:.–—-]\s+", re.IGNORECASE)


class FigureQuerySet(models.QuerySet["Figure"]):
    def public(self, at: datetime) -> FigureQuerySet:
        """Figures that have a page of their own at the instant `at` (aware): those that a live post places in its text
        or shows in listings. A decorative picture says nothing, so it has none; nor has an author's portrait as such.
        """
        from .showing import Showing  # which post shows which figure: it stands on both

        return self.filter(Exists(Showing.objects.filter(within(at), figure=OuterRef("pk"))))


class Figure(models.Model):
    """A picture in the library, with its words. Posts place it by its key; its number is the post's business."""

    slug = models.CharField(
        gettext_lazy("key"), max_length=80, unique=True, validators=[FIGURE_KEY],
        help_text=gettext_lazy(
            "Its stable name: a post places it with ![](figure:key) and refers to it with "
            "[](figure:key)."
        ),
    )  # fmt: skip
    image = models.FileField(max_length=200, editable=False)
    width = models.PositiveIntegerField(editable=False, help_text="Pixels.")
    height = models.PositiveIntegerField(editable=False, help_text="Pixels.")
    graphic = models.BooleanField(
        default=False, editable=False, help_text="Flat colours and sharp edges, as in diagrams."
    )
    animated = models.BooleanField(default=False, editable=False)
    original = models.FileField(storage=originals, max_length=200, editable=False)
    original_name = models.CharField(max_length=200, editable=False, blank=True)
    content_hash = models.CharField(
        max_length=64, editable=False, db_index=True, help_text="SHA-256 of the upload, hex."
    )
    alt = models.TextField(
        gettext_lazy("alternative text"),
        blank=True,
        help_text=gettext_lazy("What the picture shows, for those who can't see it. One or two sentences."),
    )
    decorative = models.BooleanField(
        default=False,
        help_text=gettext_lazy("The picture says nothing that the text does not; screen readers skip it."),
    )
    caption = models.TextField(
        blank=True, help_text=gettext_lazy("Printed below the picture, after “Figure N:”.")
    )
    long_description = models.TextField(
        blank=True,
        help_text=gettext_lazy("For diagrams: everything a reader who can't see it needs to follow it."),
    )
    credit = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    source_file = models.FileField(
        upload_to="sources/", storage=originals, max_length=200, blank=True, editable=False,
        help_text="The drawing that the picture was made from.",
    )  # fmt: skip
    notation = models.CharField(
        max_length=20, blank=True, default="", db_default="", editable=False,
        help_text="The language of a diagram that is written as text; empty for a picture that was uploaded.",
    )  # fmt: skip
    source = models.TextField(
        blank=True, default="", db_default="", editable=False, help_text="The diagram's text."
    )
    drawn_for = models.ForeignKey(
        "blog.Post", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="drawings",
        help_text="The post in whose text the diagram is written.",
    )  # fmt: skip
    dark_image = models.FileField(
        max_length=200, blank=True, default="", db_default="", editable=False,
        help_text="The same picture for dark pages.",
    )  # fmt: skip
    rendered_at = models.DateTimeField(
        null=True, editable=False, help_text="When its renditions were made; empty: waiting."
    )
    trouble = models.CharField(
        max_length=300, blank=True, default="", db_default="", editable=False,
        help_text="Why its renditions could not be made; empty: nothing is known to be wrong.",
    )  # fmt: skip
    weight = models.BigIntegerField(
        null=True, editable=False, help_text="Bytes of the picture and the upload, without renditions."
    )
    look = models.BigIntegerField(
        null=True, editable=False, help_text="64 bits that pictures which look alike nearly share."
    )
    focus_x = models.PositiveSmallIntegerField(
        gettext_lazy("focus, from the left"), null=True, blank=True,
        help_text=gettext_lazy(
            "Where the eye should fall, in per cent; small pictures are then cut around it. Empty: "
            "shown whole."
        ),
    )  # fmt: skip
    focus_y = models.PositiveSmallIntegerField(gettext_lazy("focus, from the top"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FigureQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="figure_alt_or_decorative",
                condition=(Q(decorative=True) & Q(alt="")) | (Q(decorative=False) & ~Q(alt="")),
                violation_error_message=gettext_lazy(
                    "Write an alternative text, or mark the picture as decorative: one of both."
                ),
            ),
            models.CheckConstraint(
                name="figure_focus_within",
                # Said in full: a comparison with NULL is unknown, and unknown satisfies a check.
                condition=Q(focus_x=None, focus_y=None)
                | Q(focus_x__isnull=False, focus_y__isnull=False, focus_x__lte=100, focus_y__lte=100),
                violation_error_message=gettext_lazy(
                    "Give both numbers of the focus, from 0 to 100, or neither."
                ),
            ),
            models.CheckConstraint(name="figure_has_size", condition=Q(width__gt=0) & Q(height__gt=0)),
            models.CheckConstraint(
                name="figure_key_plain", condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$")
            ),
        ]
        indexes = [
            models.Index(fields=["image"], name="figure_image"),
            models.Index(fields=["dark_image"], name="figure_dark_image", condition=~Q(dark_image="")),
            models.Index(
                fields=["look"], include=["id"], name="figure_look", condition=Q(look__isnull=False)
            ),
            models.Index(fields=["created_at", "id"], name="figure_waiting", condition=Q(rendered_at=None)),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return route("figure", self.slug)

    @property
    def vector(self) -> bool:
        """Whether the picture is drawn anew at every size, as SVG is."""
        return (self.image.name or "").endswith(".svg")

    @property
    def focus(self) -> str:
        """The classes of a picture that is cut around its focus, in steps of ten; "" for one that is shown whole."""
        if self.focus_x is None or self.focus_y is None:
            return ""
        across, down = (min(100, max(0, round(one / 10) * 10)) for one in (self.focus_x, self.focus_y))
        return f"focus focus-x-{across} focus-y-{down}"

    @property
    def scale(self) -> int:
        """Pixels of the picture for each CSS pixel at its natural size: drawings are made for fine screens."""
        return SCALE if self.notation else 1

    @property
    def title(self) -> str:
        """What a list or a page calls it: its caption, or how its alternative text begins."""
        first_sentence = re.split(r"(?<=[.!?])\s", self.alt.strip(), maxsplit=1)[0]
        return self.caption.strip() or Truncator(first_sentence.rstrip(".")).chars(140)

    def clean(self) -> None:
        """Raises ValidationError for an alternative text that is missing, a file name, or the caption again.

        Takes a number off the caption's beginning: each post numbers its figures itself.
        """
        self.caption = NUMBER.sub("", self.caption)
        alt = self.alt.strip()
        if self.decorative and alt:
            raise ValidationError(
                {"alt": _("A decorative picture has no alternative text; clear one of both.")}
            )
        if not self.decorative and not alt:
            raise ValidationError({"alt": _("Say what the picture shows, or mark it as decorative.")})
        if looks_like_a_file_name(alt, self.original_name):
            raise ValidationError(
                {"alt": _("“{alt}” is a file name; say what the picture shows instead.").format(alt=alt)}
            )
        if alt and plain(alt) == plain(self.caption):
            raise ValidationError(
                {"alt": _("This repeats the caption, which is read out anyway; say what there is to see.")}
            )


class Rendition(models.Model):
    """One file made from a figure, for one width and one format."""

    figure = models.ForeignKey(Figure, on_delete=models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(max_length=200)
    size = models.PositiveIntegerField(help_text="Bytes.")
    lossless = models.BooleanField(default=False)
    dark = models.BooleanField(
        default=False, db_default=False, help_text="Made from the picture for dark pages."
    )

    class Meta:
        ordering = ["format", "width", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["figure", "format", "width", "dark"], name="rendition_once_a_scheme"
            ),
            models.CheckConstraint(
                name="rendition_has_size", condition=Q(width__gt=0) & Q(height__gt=0) & Q(size__gt=0)
            ),
        ]
        indexes = [models.Index(fields=["file"], name="rendition_file")]

    def __str__(self) -> str:
        return f"{self.format} {self.width}"

    def fits(self, figure: Figure) -> bool:
        """Whether it has the shape of the figure's picture as it is now. One that is left of a picture of another shape
        would be shown distorted."""
        return abs(self.height - figure.height * self.width / figure.width) <= 1.5

    @property
    def url(self) -> str:
        """The file's address. A page of cards has a hundred, so those below one address are put together once; other
        storages may sign theirs anew each time."""
        base = getattr(self.file.storage, "base_url", None)
        if base and self.file.name:
            return _address(base, self.file.name)
        return self.file.url


@lru_cache(maxsize=16_384)
def _address(base: str, name: str) -> str:
    return urljoin(base, filepath_to_uri(name).lstrip("/"))


class Placement(models.Model):
    """A figure stands in a post's text, as its figure number `number`. Written when the post is saved."""

    post = models.ForeignKey("blog.Post", on_delete=models.CASCADE, related_name="placements")
    figure = models.ForeignKey(Figure, on_delete=models.PROTECT, related_name="placements")
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["post", "figure"], name="placement_once"),
            models.UniqueConstraint(
                fields=["post", "number"], name="placement_number_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(name="placement_number_positive", condition=Q(number__gt=0)),
        ]

    def __str__(self) -> str:
        return _("Figure {number}").format(number=self.number)


def plain(text: str) -> str:
    """Letters and digits only, in lower case: for comparing what two texts say."""
    return "".join(c for c in text.casefold() if c.isalnum())


def looks_like_a_file_name(alt: str, original_name: str) -> bool:
    """True for `IMG_2041.png`, `diagram-final-v2`, or the upload's own name with or without its ending."""
    if not alt:
        return False
    stem = original_name.rsplit(".", 1)[0]
    if plain(alt) in {plain(original_name), plain(stem)} - {""}:
        return True
    one_word = not any(c.isspace() for c in alt)
    return one_word and (
        alt.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".svg"))
        or "_" in alt
        or alt.count("-") > 1
    )
