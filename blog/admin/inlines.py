"""Rows edited within another's form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Change, SeriesPart

from . import access
from .choosing import Choosing

MOST_ROWS = 500  # of a posted form; Django would build as many as it claims, up to 2,000


class Rows(Choosing, admin.TabularInline):
    """Rows in a table, as many as a person would send."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, max_num=MOST_ROWS, absolute_max=MOST_ROWS, **kwargs)


class LooseForm(forms.ModelForm):
    """Leaves what rows must not have in common to the formset, which sees them all: asked one by one, the database
    would say that two rows can't change places."""

    def _post_clean(self) -> None:
        self.instance.validate_constraints = lambda exclude=None: None
        super()._post_clean()  # type: ignore[misc]


class NamedFormSet(BaseInlineFormSet):
    """Fields in a table have no label of their own: the head of the column is read together with the row's number."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        row = _("row {number}").format(number=index + 1) if index is not None else _("new row")
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


class PartForm(forms.ModelForm):
    number = forms.IntegerField(min_value=1, max_value=32_767, label=gettext_lazy("part"))


class LoosePartForm(LooseForm, PartForm):
    pass


class PartsOfSeries(Rows):
    model = SeriesPart
    form = LoosePartForm
    formset = WholeFormSet
    verbose_name = gettext_lazy("part")
    autocomplete_fields = ["post"]
    fields = ["number", "post"]
    ordering = ["number", "id"]
    extra = 1


class ChangesOfPost(Rows):
    model = Change
    formset = NamedFormSet
    verbose_name = gettext_lazy("change that readers are told of")
    verbose_name_plural = gettext_lazy("changes that readers are told of")
    fields = ["made_at", "sentence"]
    extra = 0

    # Readers see these rows at once, also when the rest of the form becomes a draft on top.

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and access.may_publish(request.user, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and access.may_publish(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and access.may_publish(request.user, obj)
