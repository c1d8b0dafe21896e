"""Rows below the post's form that belong to its content: they are filled from it and read back into it, and are never
written by themselves. So a draft on top, a merge and a restored version have their authors like any other field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Author, Byline, Post, RelatedPost, SeriesPart
from blog.publishing import contents

from . import access, around
from .choosing import make_known
from .inlines import LooseForm, LoosePartForm, NamedFormSet, Rows


def content_of(post: Post) -> contents.Content:
    """The post's newest words, read once for a form."""
    if seen := around.known_of(post):
        return seen.head
    known: contents.Content | None = post.__dict__.get("_content")
    if known is None:
        known = post.__dict__["_content"] = contents.head(post)
    return known


class ContentRows(NamedFormSet):  # Django's stubs know little of formsets' insides, hence the Any below
    """Rows that stand for a part of the post's content. `key` names it; `as_row` and `as_value` translate."""

    key: str
    chooses: str
    """The field that names a row of another table: its rows are fetched at once for all."""
    model: Any
    new_objects: Any = ()
    changed_objects: Any = ()
    deleted_objects: Any = ()

    def __init__(self, instance: Any = None, queryset: Any = None, **kwargs: Any) -> None:
        """What the database has of such rows is not asked: the content says it."""
        self.given: list[Any] = []
        if instance is not None and instance.pk and kwargs.get("data") is None:
            self.given = [self.as_row(n, one) for n, one in enumerate(content_of(instance)[self.key])]
        self.known = self.rows_named(instance)
        none = self.model._default_manager.none()
        super().__init__(instance=instance, queryset=none, **kwargs)
        if self.is_bound:
            self.given = [self.model() for _ in range(self.initial_form_count())]

    def rows_named(self, post: Any) -> list[Any]:
        """The rows that the content's rows name; one query, or none."""
        field = self.model._meta.get_field(self.chooses)
        keys = [getattr(row, field.attname) for row in self.given]
        if seen := around.known_of(post):
            return list(seen.rows(field.related_model))
        return list(field.related_model._default_manager.filter(pk__in=keys)) if keys else []

    def get_queryset(self) -> Any:
        return self.given

    def initial_form_count(self) -> int:
        if not self.is_bound:
            return len(self.given)
        return min(super().initial_form_count(), self.absolute_max)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """A row as it is in the content, or, of a posted form, an empty one that the posted values fill."""
        row = self.given[i] if not self.is_bound and i < len(self.given) else self.model()
        plain: Any = super(forms.models.BaseModelFormSet, self)
        form = plain._construct_form(i, instance=row, **kwargs)
        form.empty_permitted = self.is_bound or i >= len(self.given)
        setattr(form.instance, self.fk.attname, self.instance.pk)
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        # A row has no key of its own; one that a form still posts means nothing.
        if self.known:
            make_known(form.fields[self.chooses], self.known)
        form.fields[self.model._meta.pk.name] = forms.CharField(required=False, widget=forms.HiddenInput)

    def kept(self) -> list[Any]:
        """The forms whose rows there will be."""
        return [form for form in self.forms if form not in self.deleted_forms and form.has_changed()]

    def value(self) -> list[Any]:
        """What the rows say, as the content has it."""
        return [self.as_value(form) for form in self.in_order()]

    def in_order(self) -> list[Any]:
        return self.kept()

    def save(self, commit: bool = True) -> list[Any]:
        """Nothing: the content is saved as a whole."""
        return []

    def as_row(self, number: int, value: Any) -> Any:
        raise NotImplementedError

    def as_value(self, form: Any) -> Any:
        raise NotImplementedError


class Positioned(ContentRows):
    """Rows in the order of a number that may repeat."""

    def in_order(self) -> list[Any]:
        return sorted(self.kept(), key=lambda form: form.cleaned_data.get("position") or 0)


class BylineRows(Positioned):
    key = "authors"
    chooses = "author"

    def __init__(self, *args: Any, writer: Author | None = None, **kwargs: Any) -> None:
        """`writer` is named in the first row of a new post."""
        self.writer = writer
        super().__init__(*args, **kwargs)

    def rows_named(self, post: Any) -> list[Any]:
        return [self.writer] if self.writer else super().rows_named(post)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        if self.writer and i == 0:
            kwargs["initial"] = {"author": self.writer.pk}
        return super()._construct_form(i, **kwargs)

    def as_row(self, number: int, value: int) -> Byline:
        return Byline(author_id=value, position=number)

    def as_value(self, form: Any) -> int:
        return form.cleaned_data["author"].pk

    def clean(self) -> None:
        """Raises ValidationError when a published post would lose its last author, or names one twice."""
        super().clean()
        if any(self.errors):
            return
        published = self.instance.status == Post.Status.PUBLISHED and not getattr(
            self.instance, "leaving", False
        )
        if published and not self.kept():
            raise ValidationError(_("A published post names at least one author."))


class PartRows(ContentRows):
    key = "series"
    chooses = "series"

    def as_row(self, number: int, value: list[int]) -> SeriesPart:
        return SeriesPart(series_id=value[0], number=value[1])

    def as_value(self, form: Any) -> list[int]:
        return [form.cleaned_data["series"].pk, form.cleaned_data["number"]]

    def value(self) -> list[Any]:
        return sorted(super().value())

    def clean(self) -> None:
        """Raises ValidationError for a part that another post is already."""
        super().clean()
        if any(self.errors):
            return
        for series, number in self.value():
            taken = SeriesPart.objects.filter(series=series, number=number).exclude(post=self.instance.pk)
            if other := taken.select_related("post", "series").first():
                raise ValidationError(
                    _("Part %(number)s of “%(series)s” is “%(post)s”; choose another number.")
                    % {"number": number, "series": other.series, "post": other.post}
                )


class ChosenRows(Positioned):
    """The posts that editors chose; those that were computed are no rows of this table."""

    key = "related"
    chooses = "other"

    def as_row(self, number: int, value: int) -> RelatedPost:
        return RelatedPost(other_id=value, position=number, curated=True)

    def as_value(self, form: Any) -> int:
        return form.cleaned_data["other"].pk

    def clean(self) -> None:
        """Raises ValidationError for a post that is named twice, or within itself."""
        super().clean()
        if any(self.errors):
            return
        named = self.value()
        if self.instance.pk in named:
            raise ValidationError(_("A post is not related to itself."))
        if len(set(named)) < len(named):
            raise ValidationError(_("A related post is named twice."))


class OfContent(Rows):
    """Whoever may write the post may write these rows: they are words of it, whatever tables they end in."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or access.may_see(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_edit(request.user, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_edit(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.may_edit(request.user, obj)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Who may only read sees the rows of the database."""
        if not access.may_edit(request.user, obj):
            kwargs["formset"] = NamedFormSet
        return super().get_formset(request, obj, **kwargs)


class Bylines(OfContent):
    model = Byline
    form = LooseForm
    formset = BylineRows
    verbose_name = gettext_lazy("author")
    verbose_name_plural = gettext_lazy("authors")
    autocomplete_fields = ["author"]
    fields = ["author", "position"]
    extra = 1


class PartsOfPost(OfContent):
    model = SeriesPart
    form = LoosePartForm
    formset = PartRows
    verbose_name = gettext_lazy("part of a series")
    verbose_name_plural = gettext_lazy("series")
    autocomplete_fields = ["series"]
    fields = ["series", "number"]
    extra = 0


class RelatedOfPost(OfContent):
    model = RelatedPost
    fk_name = "post"
    form = LooseForm
    formset = ChosenRows
    verbose_name = gettext_lazy("related post")
    verbose_name_plural = gettext_lazy("related posts, shown before those that are found by what they share")
    autocomplete_fields = ["other"]
    fields = ["other", "position"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(curated=True)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "other":
            kwargs["label"] = _("post")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def posted(form: Any, formsets: Any) -> contents.Content:
    """The content that a valid form and its rows say; what they don't have stays as the post has it."""
    post, said = form.instance, form.cleaned_data
    content = dict(content_of(post)) if post.pk else contents.empty()
    content |= {name: said[name] or "" for name in contents.TEXTS if name in said}
    content |= {name: contents.stamp(said[name]) for name in contents.INSTANTS if name in said}
    content |= {name: said[name].pk if said[name] else None for name in contents.ROWS if name in said}
    if "categories" in said:
        content["categories"] = sorted(one.pk for one in said["categories"])
    if "tags" in said:
        content["tags"] = sorted(said["tags"])
    return content | {rows.key: rows.value() for rows in formsets if isinstance(rows, ContentRows)}
