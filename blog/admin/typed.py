"""What a form says as it was typed, finished or not: read beside what it said before, and filled into it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.forms.utils import ErrorDict, ErrorList
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.models import Post
from blog.publishing.differences import Piece, shortened, words

from .choosing import possible_keys
from .inlines import MOST_ROWS

LONG = 600  # characters of a text of which only the surroundings of a change are shown


@dataclass(frozen=True)
class Difference:
    """`pieces` lead from what the field said to what it says now."""

    name: str
    label: str
    pieces: list[Piece]


def as_posted(typed: Mapping[str, list[str]]) -> QueryDict:
    """Names with their values as a browser would post them."""
    data = QueryDict(mutable=True)
    for name, values in typed.items():
        data.setlist(name, values)
    return data


def opened(model_admin: Any, request: HttpRequest, post: Post | None) -> tuple[Any, list[Any]]:
    """The form of a post, of a new one without, and its rows, as they would be opened now."""
    fields = flatten_fieldsets(model_admin.get_fieldsets(request, post))
    form = model_admin.get_form(request, post, change=post is not None, fields=fields)(instance=post)
    formsets = [
        made(instance=form.instance, prefix=made.get_default_prefix(), queryset=inline.get_queryset(request))
        for made, inline in model_admin.get_formsets_with_inlines(request, post)
    ]
    return form, formsets


def differences(
    form: Any, formsets: Iterable[Any], new: QueryDict, old: QueryDict | None = None
) -> list[Difference]:
    """In which fields what was typed differs from `old`; without, from what the opened form says. One query for each
    relation that differs."""
    found = []
    for name, field in form.fields.items():
        if field.widget.is_hidden:
            continue
        before, after = _values(form, name, old), _values(form, name, new)
        if before != after:
            names = _names(field, {*before, *after})
            texts = ["\n".join(names.get(value, value) for value in values) for values in (before, after)]
            found.append(_difference(name, field.label or name, *texts))
    for formset in formsets:
        rows = [_rows(formset, data) for data in (old, new)]
        if rows[0] != rows[1]:
            texts = ["\n".join(lines) for lines in _lines(formset, rows)]
            name = formset.model._meta.verbose_name_plural
            found.append(_difference(formset.prefix, LABELS.get(formset.prefix, name), *texts))
    return found


LABELS = {
    "bylines": "authors",
    "series_parts": "series",
    "related_posts": gettext_lazy("related posts"),
    "changes": "changes",
}


def _difference(name: str, label: Any, before: str, after: str) -> Difference:
    pieces = words(before, after)
    if len(before) + len(after) > LONG:
        pieces = shortened(pieces)
    return Difference(name, capfirst(str(label)), pieces)


def fill(form: Any, typed: QueryDict) -> None:
    """Lets an opened form show what was typed. What was not among its fields then stays as it is."""
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        if not field.widget.value_omitted_from_data(typed, {}, prefixed):
            form.initial[name] = field.widget.value_from_datadict(typed, {}, prefixed)
            form[name].__dict__.pop("initial", None)  # it may have been read already


def filled(formset: Any, typed: QueryDict) -> Any:
    """The rows as they were typed, in the place of those of an opened form, without a word on what they lack."""
    if f"{formset.prefix}-TOTAL_FORMS" not in typed:
        return formset
    rows = type(formset)(
        data=_present(formset, typed), instance=formset.instance, prefix=formset.prefix, queryset=formset.queryset
    )  # fmt: skip
    for form in rows.forms:
        form._errors = ErrorDict()
    rows._errors, rows._non_form_errors = [form._errors for form in rows.forms], ErrorList()
    return rows


def _present(formset: Any, typed: QueryDict) -> QueryDict:
    """The rows with those first that are still in the database. One that somebody has removed is a new one again."""
    prefix, key = formset.prefix, formset.model._meta.pk.name
    given = {str(row.pk) for row in formset.get_queryset() if row.pk}
    data, numbers = typed.copy(), range(min(_number(typed, f"{prefix}-TOTAL_FORMS"), MOST_ROWS))
    if not given:
        return data
    rows: list[dict[str, list[str]]] = []
    for n in numbers:
        start = f"{prefix}-{n}-"
        rows.append(
            {name.removeprefix(start): data.pop(name) for name in list(data) if name.startswith(start)}
        )
    for row in rows:
        if row.get(key, [""])[0] not in given:
            row[key] = [""]
    rows.sort(key=lambda row: not row[key][0])
    for n, row in enumerate(rows):
        for name, values in row.items():
            data.setlist(f"{prefix}-{n}-{name}", values)
    data[f"{prefix}-INITIAL_FORMS"] = str(sum(1 for row in rows if row[key][0]))
    return data


def _number(typed: QueryDict, name: str) -> int:
    text = typed.get(name, "")
    return int(text) if possible_keys([text]) else 0


def _values(form: Any, name: str, data: QueryDict | None) -> list[str]:
    """What the field says, as a browser would post it."""
    field, prefixed = form.fields[name], form.add_prefix(name)
    if data is None or field.widget.value_omitted_from_data(data, {}, prefixed):
        return _posted(field.widget, form[name].value())
    return _posted(field.widget, field.widget.value_from_datadict(data, {}, prefixed))


def _posted(widget: Any, value: Any) -> list[str]:
    widget = getattr(widget, "widget", widget)  # within the links to add and change
    if isinstance(widget, forms.MultiWidget):
        parts: Any = value if isinstance(value, list | tuple) else widget.decompress(value)
        return [" ".join(text for w, v in zip(widget.widgets, parts, strict=False) for text in _posted(w, v))]
    if isinstance(widget, forms.CheckboxInput):
        return ["yes"] if widget.check_test(value) else []
    shown = widget.format_value(value)
    several = shown if isinstance(shown, list | tuple) else [shown]
    return [str(one).replace("\r\n", "\n") for one in several if one not in (None, "")]


def _names(field: Any, values: set[str]) -> dict[str, str]:
    """What those of the values that are keys stand for."""
    if isinstance(field, forms.BooleanField):
        return dict.fromkeys(values, _("yes"))
    if hasattr(field, "queryset"):
        return {str(row.pk): str(row) for row in field.queryset.filter(pk__in=possible_keys(values))}
    choices: Any = getattr(field, "choices", ())
    return {str(key): str(label) for key, label in choices if not isinstance(label, list | tuple)}


Row = tuple[tuple[str, ...], ...]


def _rows(formset: Any, data: QueryDict | None) -> list[Row]:
    """The rows that would be there, each with the values of its visible fields."""
    if data is not None:
        formset = filled(formset, data)
    blank = _cells(formset, formset.empty_form)
    rows = [_cells(formset, form) for form in formset.forms if not _is_removed(form)]
    return [row for row in rows if row != blank and any(row)]


def _is_removed(form: Any) -> bool:
    return bool("DELETE" in form.fields and form["DELETE"].value())


def _cells(formset: Any, form: Any) -> Row:
    return tuple(tuple(_posted(form.fields[name].widget, form[name].value())) for name in _columns(formset))


def _columns(formset: Any) -> list[str]:
    hidden = {formset.model._meta.pk.name, formset.fk.name, "DELETE"}
    return [name for name in formset.empty_form.fields if name not in hidden]


def _lines(formset: Any, both: list[list[Row]]) -> list[list[str]]:
    """Each row as one line."""
    fields = [formset.empty_form.fields[name] for name in _columns(formset)]
    names = [
        _names(field, {value for rows in both for row in rows for value in row[n]})
        for n, field in enumerate(fields)
    ]

    def cell(n: int, values: tuple[str, ...]) -> str:
        return " ".join(names[n].get(value, value) for value in values)

    return [
        [", ".join(shown for n, values in enumerate(row) if (shown := cell(n, values))) for row in rows]
        for rows in both
    ]
