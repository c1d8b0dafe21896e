"""The form of a post: what is typed becomes a post that its page could show, or stays in the form with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.text import format_lazy, slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.forms import TagField, TagWidget

from blog import markup
from blog.models import Category, Figure, LearningLevel, Post, Tag
from blog.publishing import contents, rules, sentences

from . import around
from .base import Lines
from .choosing import make_known
from .moments import Moment
from .rows import content_of
from .stale import SeenVersion

# The fields that choose rows, which are named with the post.
CHOSEN = {
    "learning_level": LearningLevel, "categories": Category, "lead_figure": Figure, "translation_of": Post
}  # fmt: skip
YEARS = range(1970, 3000)  # what page cursors and every time zone can express


class Tags(TagField):
    """Keywords between commas. A single one may have spaces: taggit would take its words for several."""

    def clean(self, value: Any) -> list[str]:
        return super().clean(f"{value}," if value and not set(value) & set(',"') else value)


class PostForm(SeenVersion):
    """`data` may hold a pressed button, whose name decides which rules apply: `_schedule` demands a date to come,
    `_withdraw` none at all."""

    body = Lines(
        required=False, strip=False, label=gettext_lazy("Text"),
        widget=forms.Textarea(
            attrs={"class": "body-text", "rows": 30, "spellcheck": "true", "dir": "auto", "wrap": "soft"}
        ),
        help_text=gettext_lazy(
            "Markdown. A figure stands on a line of its own as ![](figure:key); [](figure:key) refers "
            "to it."
        ),
    )  # fmt: skip
    summary = Lines(
        label=gettext_lazy("Summary"),
        required=False,
        widget=forms.Textarea(
            attrs={"class": "summary-text", "rows": 3, "spellcheck": "true", "dir": "auto"}
        ),
        help_text=(
            format_lazy(
                gettext_lazy(
                    "One paragraph of plain text, {least} to {most} characters; listings "
                    "show it below the title."
                ),
                least=rules.SUMMARY_LENGTH[0],
                most=rules.SUMMARY_LENGTH[-1],
            )
        ),
    )

    tags = Tags(
        label=gettext_lazy("Tags"),
        required=False,
        widget=TagWidget(attrs={"class": "vTextField wide-text"}),
        help_text=gettext_lazy("Keywords, separated by commas."),
    )

    notable = forms.CharField(
        required=False, max_length=300, label=gettext_lazy("What changed"),
        widget=forms.TextInput(attrs={"class": "vTextField wide-text", "spellcheck": "true", "dir": "auto"}),
        help_text=gettext_lazy(
            "A sentence for readers, if the change matters to them; the post then lists it with today's "
            "date."
        ),
    )  # fmt: skip
    minor = forms.BooleanField(
        required=False, label=gettext_lazy("Minor change, do not say “Updated”"),
        help_text=gettext_lazy(
            "For a slip of the pen. Otherwise a new title, summary or text is told with its date."
        ),
    )  # fmt: skip

    appear_at = Moment(required=False, label=gettext_lazy("These changes appear at"))

    class Meta:
        model = Post
        fields: list[str] = []
        exclude = ["tags"]  # the field below is filled from the content; taggit would ask for each form
        widgets = {
            "title": forms.TextInput(attrs={"class": "title-text", "spellcheck": "true", "dir": "auto"})
        }

    previewed = False
    may_publish = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = timezone.now()
        self.was_live = bool(self.instance.pk) and self.instance.is_live(self.at)
        public = self.instance.status == Post.Status.PUBLISHED
        # What is laid over a published post, or withdrawn, may be as unfinished as a draft.
        self.on_top = public and not self.pressed("_withdraw") and self._goes_on_top()
        self.leaving = self.instance.leaving = self.pressed("_withdraw") or self.on_top
        if self.instance.pk:
            typed = initial_of(content_of(self.instance))
            self.initial.update(typed if self.instance.draft_id else {"tags": typed["tags"]})
        if seen := around.known_of(self.instance):
            for name, model in CHOSEN.items():
                if name in self.fields:
                    make_known(self.fields[name], seen.rows(model))
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _(
                "The last part of its address. Left empty, it is made from the title."
            )
        zone = timezone.get_current_timezone_name()
        hints = {
            "published_at": _("In the future, it is a schedule"),
            "expires_at": _("From then on nobody finds it"),
            "appear_at": _("For “Schedule these changes”: readers keep the present version until then"),
        }
        for name in hints.keys() & self.fields.keys():
            field = self.fields[name]
            field.help_text = _("{hint}. Dates and times are in {zone}.").format(hint=hints[name], zone=zone)

    def _goes_on_top(self) -> bool:
        """Whether readers keep what they see when this form is saved."""
        return (
            bool(self.instance.draft_id)
            or not self.may_publish
            or self.pressed("_ontop")
            or self.pressed("_schedule")
        )

    def pressed(self, button: str) -> bool:
        return self.is_bound and button in self.data

    def clean_slug(self) -> str:
        typed = self.cleaned_data["slug"]
        made = typed or slugify(self.cleaned_data.get("title", ""), allow_unicode=True)[:200].strip("-_")
        if not made and self.cleaned_data.get("title"):
            raise ValidationError(_("The title has no letters to make a slug from; write one."))
        return made

    def clean_summary(self) -> str:
        return " ".join(self.cleaned_data["summary"].split())

    def clean_tags(self) -> list[str]:
        """Each tag in the spelling it has already; raises ValidationError for one that can't have a page."""
        names = [" ".join(name.split()) for name in self.cleaned_data["tags"]]
        known = set(Tag.objects.filter(name__in=names).values_list("name", flat=True))
        tags: dict[str, str] = {}
        for name in names:
            if len(name) > 100:
                raise ValidationError(
                    _("The tag “{name}…” is longer than 100 characters. Are commas missing?").format(
                        name=name[:30]
                    )
                )
            if not slugify(name, allow_unicode=True):
                raise ValidationError(_("The tag “{name}” needs a letter or a digit.").format(name=name))
            if name not in known:
                same = Tag.objects.filter(Exact(Lower("name"), Lower(Value(name)))).first()
                name = same.name if same else name
            tags.setdefault(name.lower(), name)
        return list(tags.values())

    def clean_published_at(self) -> datetime | None:
        return self._sensible("published_at")

    def clean_expires_at(self) -> datetime | None:
        return self._sensible("expires_at")

    def _sensible(self, name: str) -> datetime | None:
        when = self.cleaned_data[name]
        if when and when.astimezone(timezone.get_current_timezone()).year not in YEARS:
            raise ValidationError(
                _("Choose a year from {first} to {last}.").format(first=YEARS[0], last=YEARS[-1])
            )
        return when

    def clean(self) -> dict[str, Any]:
        """Renders the text; a published post must go on passing the publish rules."""
        cleaned = super().clean() or self.cleaned_data
        if "body" in cleaned and len(cleaned["body"]) <= markup.MAX_CHARACTERS:
            self.instance.body = cleaned["body"]
            try:
                self.instance.render()
            except markup.RenderRefused as refusal:
                self.add_error("body", sentences.of(refusal))
        if cleaned.get("minor") and cleaned.get("notable"):
            self.add_error("minor", _("A change that readers are told of is not minor; clear one of both."))
        self._stand_alone_in_its_language(cleaned)
        timed = "appear_at" if self.instance.status == Post.Status.PUBLISHED else "published_at"
        when = cleaned.get(timed)
        if self.pressed("_schedule") and timed in cleaned and not (when and when > self.at):
            self.add_error(timed, _("To schedule it, choose a date and time in the future."))
        if self.instance.status == Post.Status.PUBLISHED and not self.leaving:
            self._stay_published(cleaned)
        return cleaned

    def _stand_alone_in_its_language(self, cleaned: dict[str, Any]) -> None:
        """A translation is written in another language than its original and that one's other translations."""
        original, language = cleaned.get("translation_of"), cleaned.get("language", "")
        if original is None or "language" not in cleaned:
            return
        if original.pk == self.instance.pk:
            self.add_error("translation_of", _("A post is no translation of itself."))
            return
        first = original.translation_of_id or original.pk
        group = Post.objects.filter(Q(pk=first) | Q(translation_of=first), language__iexact=language)
        if other := group.exclude(pk=self.instance.pk).only("title").first():
            self.add_error(
                "language",
                _("“{other}” is the same post in this language; give this one its own.").format(other=other),
            )

    def _stay_published(self, cleaned: dict[str, Any]) -> None:
        if "published_at" in cleaned:
            if cleaned["published_at"] is None:
                self.add_error(
                    "published_at",
                    _("A published post keeps its date. To take it from readers, withdraw it."),
                )
            elif self.was_live and cleaned["published_at"] > self.at:
                self.add_error(
                    "published_at",
                    _("The post is live; readers would lose it until then. Withdraw it first."),
                )
        if self.errors:
            return
        for finding in rules.blocking(
            rules.check(self.candidate(cleaned), at=self.at if self.was_live else None)
        ):
            self.add_error(finding.field if finding.field in self.fields else None, in_words(finding))

    def candidate(self, cleaned: dict[str, Any]) -> rules.Candidate:
        """What would be saved, but for the authors, of whom the rows below know."""
        return rules.Candidate(
            title=cleaned.get("title", self.instance.title),
            slug=cleaned.get("slug", self.instance.slug),
            summary=cleaned.get("summary", self.instance.summary),
            body=cleaned.get("body", self.instance.body),
            learning_level=cleaned.get("learning_level", self.instance.learning_level),
            categories=list(
                cleaned["categories"] if "categories" in cleaned else self.instance.categories.all()
            ),
            authors=1,
            facts=self.instance.facts,
            pk=self.instance.pk,
            language=cleaned.get("language", self.instance.language),
            html=self.instance.body_html,
        )


def initial_of(content: contents.Content) -> dict[str, Any]:
    """A content as the form's fields show it."""
    initial: dict[str, Any] = {name: content[name] for name in (*contents.TEXTS, *contents.ROWS)}
    initial |= {name: contents.instant(content[name]) for name in contents.INSTANTS}
    return initial | {
        "categories": content["categories"],
        "tags": [Tag(name=name) for name in content["tags"]],
    }


def in_words(finding: rules.Finding) -> str:
    """The finding's sentence with the line it is about."""
    return (
        _("Line {line}: {message}").format(line=finding.line, message=finding.message)
        if finding.line
        else finding.message
    )
