"""Rows edited within another's form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst

from blog.models import Byline, Change, Post, RelatedPost, SeriesPart

from .choosing import Choosing

MOST_ROWS = 500  # of a posted form; Django would build as many as it claims, up to 2,000


class Rows(Choosing, admin.TabularInline):
    """Rows in a table, as many as a person would send."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, max_num=MOST_ROWS, absolute_max=MOST_ROWS, **kwargs)


class LooseForm(forms.ModelForm):
    """Leaves what rows must not have in common to the formset, which sees them all: asked one by one, the database
    would say that two rows can't change places."""

    def validate_constraints(self) -> None:
        pass


class NamedFormSet(BaseInlineFormSet):
    """Fields in a table have no label of their own: the head of the column is read together with the row's number."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        row = f"row {index + 1}" if index is not None else "new row"
        for field in form.fields.values():
            widget = getattr(field.widget, "widget", field.widget)  # within the links to add and change
            if widget and not widget.is_hidden:
                widget.attrs["aria-label"] = f"{capfirst(field.label)}, {row}"


class WholeFormSet(NamedFormSet):
    """Writes all rows of the owner anew when one has changed, so that they may change places in any way."""

    def kept(self) -> list[forms.ModelForm]:
        """The forms whose rows there will be."""
        gone = self.deleted_forms
        return [f for f in self.forms if f not in gone and (f.has_changed() or f.instance.pk)]

    def save(self, commit: bool = True) -> Any:
        super().save(commit=False)
        if commit and self.has_changed():
            rows, manager = [form.instance for form in self.kept()], self.model._default_manager  # type: ignore[union-attr]
            self.queryset.order_by().delete()  # type: ignore[union-attr]
            for row in rows:
                row.pk = None
                row._state.adding = True
                setattr(row, self.fk.name, self.instance)
            manager.bulk_create(rows)
        return self.new_objects + [one for one, _ in self.changed_objects]


class BylineFormSet(WholeFormSet):
    def clean(self) -> None:
        """Raises ValidationError when a published post would lose its last author."""
        super().clean()
        published = self.instance.status == Post.Status.PUBLISHED and not getattr(
            self.instance, "leaving", False
        )
        if published and not self.kept() and not any(self.errors):
            raise ValidationError("A published post names at least one author.")


class Bylines(Rows):
    model = Byline
    form = LooseForm
    formset = BylineFormSet
    verbose_name = "author"
    verbose_name_plural = "authors"
    autocomplete_fields = ["author"]
    fields = ["author", "position"]
    extra = 1


class PartForm(forms.ModelForm):
    number = forms.IntegerField(min_value=1, max_value=32_767, label="part")


class PartsOfPost(Rows):
    model = SeriesPart
    form = PartForm
    formset = NamedFormSet
    verbose_name = "part of a series"
    verbose_name_plural = "series"
    autocomplete_fields = ["series"]
    fields = ["series", "number"]
    extra = 0


class LoosePartForm(LooseForm, PartForm):
    pass


class PartsOfSeries(Rows):
    model = SeriesPart
    form = LoosePartForm
    formset = WholeFormSet
    verbose_name = "part"
    autocomplete_fields = ["post"]
    fields = ["number", "post"]
    ordering = ["number", "id"]
    extra = 1


class ChosenFormSet(WholeFormSet):
    """The posts that editors chose; those that were computed are no rows of this table."""

    def clean(self) -> None:
        """Raises ValidationError for a post that is named twice, or within itself."""
        super().clean()
        named = [form.instance.other_id for form in self.kept() if form.instance.other_id]
        if self.instance.pk in named:
            raise ValidationError("A post is not related to itself.")
        if len(set(named)) < len(named):
            raise ValidationError("A related post is named twice.")

    def save(self, commit: bool = True) -> Any:
        for form in self.kept():
            form.instance.curated = True
        return super().save(commit)


class RelatedOfPost(Rows):
    model = RelatedPost
    fk_name = "post"
    form = LooseForm
    formset = ChosenFormSet
    verbose_name = "related post"
    verbose_name_plural = "related posts, shown before those that are found by what they share"
    autocomplete_fields = ["other"]
    fields = ["other", "position"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[RelatedPost]:
        return super().get_queryset(request).filter(curated=True)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "other":
            kwargs["label"] = "post"
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ChangesOfPost(Rows):
    model = Change
    formset = NamedFormSet
    verbose_name = "change that readers are told of"
    verbose_name_plural = "changes that readers are told of"
    fields = ["made_at", "sentence"]
    extra = 0
