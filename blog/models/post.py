from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Func, Prefetch, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from blog import markup

from .author import Byline
from .live import is_within, within
from .parts import parts_index
from .resembling import resembling
from .routes import route
from .tag import PostTag

UNREAD_BY_CARDS = (
    "body", "body_html", "body_text", "code_text", "figures_text", "search", "facts", "outline", "extra",
)  # fmt: skip
DERIVED_BY_RENDER = (
    "markup_version", "body_html", "body_text", "code_text", "outline", "facts", "word_count", "reading_minutes",
)  # fmt: skip


def with_authors() -> Prefetch[Any]:
    """The bylines, each with its author."""
    return Prefetch("bylines", Byline.objects.select_related("author"))


class PostQuerySet(models.QuerySet["Post"]):
    def live(self, at: datetime) -> PostQuerySet:
        """Posts that a reader may see at the instant `at` (aware)."""
        return self.filter(within(at), status=Post.Status.PUBLISHED)

    def kept(self) -> PostQuerySet:
        """Posts that are not in the trash: what editors find, choose and refer to."""
        return self.filter(trashed_at__isnull=True)

    def in_trash(self) -> PostQuerySet:
        return self.filter(trashed_at__isnull=False)

    def for_cards(self) -> PostQuerySet:
        """With all that a card shows: three queries beside the posts' own, however many posts."""
        cards = self.select_related("learning_level", "lead_figure").defer(*UNREAD_BY_CARDS)
        return cards.prefetch_related("categories", with_authors(), "lead_figure__renditions")


class Post(models.Model):  # type: ignore[django-manager-missing] # taggit brings no types
    """An article. `body` is its only source; everything derived from it is filled in `save`, so a row can't disagree
    with itself."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEW = "review", _("In review")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    title = models.CharField(max_length=200)
    slug = models.SlugField(
        max_length=200,
        unique=True,
        allow_unicode=True,
        help_text=_("The last part of its address."),
    )
    language = models.CharField(max_length=16, default="en", help_text=_("A language tag, such as en or de."))
    summary = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(600)],
        help_text=_("One paragraph of plain text; listings show it below the title."),
    )
    body = models.TextField(blank=True, validators=[MaxLengthValidator(markup.MAX_CHARACTERS)])
    learning_level = models.ForeignKey(
        "blog.LearningLevel", on_delete=models.PROTECT, null=True, blank=True, related_name="posts"
    )
    categories = models.ManyToManyField("blog.Category", blank=True, related_name="posts")
    authors = models.ManyToManyField("blog.Author", through=Byline, related_name="posts")
    tags = TaggableManager(through=PostTag, blank=True, help_text=_("Keywords, separated by commas."))
    lead_figure = models.ForeignKey(
        "blog.Figure",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lead_of",
        help_text=_("The thumbnail in listings."),
    )
    series = models.ManyToManyField("blog.Series", through="blog.SeriesPart", related_name="posts")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("In the future, it is a schedule: the post appears that second."),
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text=_("From then on readers no longer find the post.")
    )
    canonical_url = models.URLField(
        blank=True, help_text=_("Only if the post first appeared elsewhere: its address there.")
    )
    translation_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="translations",
        help_text=_("The post that this one is a translation of."),
    )
    editors_note = models.TextField(
        blank=True,
        db_default="",
        help_text=_("A notice above the text, such as a correction. Plain text."),
    )
    editors_note_at = models.DateTimeField(
        null=True, blank=True, help_text=_("The date printed with the note.")
    )
    changed_at = models.DateTimeField(
        null=True, editable=False, help_text="When its words last changed after readers had seen them."
    )
    uid = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False,
        help_text="Names the post in feeds for ever, whatever happens to its slug, its category or the domain.",
    )  # fmt: skip
    social_card = models.FileField(
        max_length=200,
        blank=True,
        db_default="",
        editable=False,
        help_text="The picture for links to it elsewhere.",
    )
    draft = models.ForeignKey(
        "blog.Revision", on_delete=models.SET_NULL, null=True, editable=False, db_index=False, related_name="+",
        help_text="Of a published post: a newer version that readers don't see yet.",
    )  # fmt: skip
    draft_at = models.DateTimeField(
        null=True, editable=False, help_text="When the draft on top replaces what readers see."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    trashed_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When it was put in the trash, where it looks withdrawn to readers.",
    )
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        db_index=False,
        related_name="+",
    )
    status_before = models.CharField(
        max_length=10,
        blank=True,
        db_default="",
        editable=False,
        help_text="Of a post in the trash: what it was.",
    )
    extra = models.JSONField(default=dict, blank=True, editable=False)
    version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts saves; a stale form is told by it."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Derived from the body on save.
    markup_version = models.PositiveSmallIntegerField(default=0, editable=False)
    body_html = models.TextField(blank=True, editable=False)
    body_text = models.TextField(blank=True, editable=False)
    code_text = models.TextField(blank=True, editable=False)
    figures_text = models.TextField(
        blank=True, editable=False, help_text="Captions, alt and long descriptions of its figures."
    )
    outline = models.JSONField(default=list, blank=True, editable=False)
    facts = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Figures, references, links and problems of the text.",
    )
    word_count = models.PositiveIntegerField(default=0, editable=False)
    reading_minutes = models.PositiveSmallIntegerField(default=0, editable=False)
    # The lengths keep the vector below PostgreSQL's limit of 1 MB whatever the text is.
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="stratum")
        + SearchVector("summary", weight="B", config="stratum")
        + SearchVector(Left("figures_text", 20_000), weight="C", config="stratum")
        + SearchVector(Left("body_text", 100_000), weight="D", config="stratum")
        + SearchVector(Left("code_text", 30_000), weight="D", config="stratum"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [
            ("publish_post", "Can publish, schedule and withdraw posts"),
            ("edit_any_post", "Can change the posts of others"),
            ("review_post", "Can comment on posts, and approve those of others"),
        ]
        constraints = [
            models.CheckConstraint(
                name="post_status_known",
                condition=Q(status__in=["draft", "review", "published", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="post_published_is_complete",
                condition=~Q(status="published")
                | (
                    Q(published_at__isnull=False)
                    & Q(learning_level__isnull=False)
                    & ~Q(summary="")
                    & ~Q(slug="")
                ),
                violation_error_message=_("A published post needs a date, a level, a summary and a slug."),
            ),
            models.CheckConstraint(
                name="post_expires_after_publication",
                condition=Q(expires_at__isnull=True)
                | Q(published_at__isnull=True)
                | Q(expires_at__gt=F("published_at")),
                violation_error_message=_("The post would expire before it is published."),
            ),
            models.CheckConstraint(
                name="post_in_trash_is_withdrawn",
                condition=Q(trashed_at__isnull=True) | Q(status="withdrawn"),
                violation_error_message=_("The post is in the trash; restore it first."),
            ),
            models.CheckConstraint(
                name="post_translates_another",
                condition=Q(translation_of__isnull=True) | ~Q(translation_of=F("id")),
                violation_error_message=_("A post is no translation of itself."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="post_search"),
            # What texts link and refer to, see `publishing.inbound`.
            GinIndex(Func(F("facts"), function="blog_leads"), name="post_leads"),
            models.Index(fields=["-created_at", "-id"], name="post_newest"),
            models.Index(fields=["status", "-published_at", "-id"], name="post_status_date"),
            # What the editor's list is counted from, of a year or narrowed otherwise: rows are wide and lie far apart.
            models.Index(
                fields=["-published_at", "-id"],
                include=["learning_level", "status", "expires_at"],
                name="post_dated_kept",
                condition=Q(trashed_at=None),
            ),
            models.Index(
                fields=["id"],
                include=["learning_level", "status", "published_at", "expires_at"],
                name="post_kept",
                condition=Q(trashed_at=None),
            ),
            models.Index(
                fields=["translation_of"],
                name="post_translations",
                condition=Q(translation_of__isnull=False),
            ),
            models.Index(fields=["created_by"], name="post_creator", condition=Q(created_by__isnull=False)),
            models.Index(
                fields=["-trashed_at", "-id"], name="post_trash", condition=Q(trashed_at__isnull=False)
            ),
            models.Index(fields=["draft"], name="post_draft", condition=Q(draft__isnull=False)),
            models.Index(fields=["draft_at"], name="post_draft_due", condition=Q(draft_at__isnull=False)),
            models.Index(fields=["social_card"], name="post_card", condition=~Q(social_card="")),
            resembling("slug", "title", name="post_resembling"),
            parts_index(),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Renders the body when it has changed or the dialect has; raises markup.RenderRefused when it can't be."""
        if self.render() and kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], *DERIVED_BY_RENDER}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Empty where it has no slug: a form that was sent without one is shown again, with the post in it."""
        return route("post", self.slug) if self.slug else ""

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **kwargs: Any) -> Post:
        post = super().from_db(db, field_names, values, **kwargs)
        loaded = post.__dict__
        if {"body", "markup_version", "language"} <= loaded.keys():
            post._rendered_from = (loaded["body"], loaded["markup_version"], loaded["language"])
        return post

    def render(self) -> bool:
        """Fills the derived columns from the body; returns False, having done nothing, when they are true already.

        Raises:
            markup.RenderRefused: with a sentence for the editor.
        """
        if "body" in self.get_deferred_fields():
            return False
        made_of = (self.body, markup.VERSION, self.language)
        if getattr(self, "_rendered_from", None) == made_of:
            return False
        rendered = markup.render_isolated(self.body, language=self.language)
        self.body_html = rendered.html
        self.body_text = rendered.text
        self.code_text = rendered.code
        self.outline = [{"level": h.level, "id": h.id, "title": h.title} for h in rendered.outline]
        self.facts = {
            "figures": list(rendered.figures),
            "references": list(rendered.references),
            "links": list(rendered.links),
            "crossings": [list(target) for target in rendered.crossings],
            "diagrams": [asdict(diagram) for diagram in rendered.diagrams],
            "problems": [asdict(problem) for problem in rendered.problems],
        }
        self.word_count = rendered.words
        self.reading_minutes = rendered.minutes
        self.markup_version = markup.VERSION
        self._rendered_from = made_of
        return True

    def adopt_rendering(self, other: Post) -> None:
        """Takes over what another row in memory has derived from the same text."""
        if getattr(other, "_rendered_from", None) == (self.body, markup.VERSION, self.language):
            for name in DERIVED_BY_RENDER:
                setattr(self, name, getattr(other, name))
            self._rendered_from = other._rendered_from

    def is_live(self, at: datetime) -> bool:
        """The twin of `PostQuerySet.live` for this row."""
        return self.status == self.Status.PUBLISHED and is_within(self.published_at, self.expires_at, at)

    def is_scheduled(self, at: datetime) -> bool:
        return (
            self.status == self.Status.PUBLISHED and self.published_at is not None and self.published_at > at
        )

    def has_been_public(self, at: datetime) -> bool:
        """Whether readers may know its address: it is or was live at some time up to `at`."""
        public = self.status in {self.Status.PUBLISHED, self.Status.WITHDRAWN}
        return public and self.published_at is not None and self.published_at <= at
