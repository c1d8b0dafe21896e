"""Django's autocomplete widgets, for values that may be anything and for browsers that run no scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# The ways in which people name a row, the most exact one first.
NAMES = ("path", "slug", "number", "username", "name__iexact", "title__iexact")


def possible_keys(values: Any) -> list[str]:
    """Those that a row's key can be; Django's widget would ask the database for any."""
    return [str(v) for v in values if str(v).isascii() and str(v).isdigit() and len(str(v)) < 19]


def key_of(typed: str, model: type[models.Model]) -> str:
    """The key of the one row that goes by this path, slug, number or name; else what was typed."""
    for lookup in NAMES:
        name = lookup.partition("__")[0]
        try:
            model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if "\x00" in typed or (name == "number" and not possible_keys([typed])):
            continue
        found = model._default_manager.filter(**{lookup: typed}).values_list("pk", flat=True)[:2]
        if len(found) == 1:
            return str(found[0])
    return (
        _("no. {typed}").format(typed=typed) if typed.isdigit() else typed
    )  # never a key, so that the field refuses it


class Careful:
    """Asks the database for no impossible key and for none of the rows that are `known` already, by their keys, and
    opens the list of answers within the page's main part, where a screen reader looks for it."""

    known: Mapping[str, models.Model] = {}

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        keys = possible_keys(value)
        if not keys or not self.known.keys() >= set(keys):
            return super().optgroups(name, keys, attr)  # type: ignore[misc]
        widget: Any = self
        options = [
            widget.create_option(name, key, str(self.known[key]), True, n) for n, key in enumerate(keys)
        ]
        if not (widget.is_required or widget.allow_multiple_selected):
            options.insert(0, widget.create_option(name, "", "", False, 0))
        return [(None, options, 0)]

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs = super().build_attrs(base_attrs, extra_attrs)  # type: ignore[misc]
        return attrs | {"data-dropdown-parent": "#content-start"}


def make_known(field: Any, rows: Iterable[models.Model]) -> None:
    """Tells a form's field of rows that were fetched anyway, among them those that it shows as chosen."""
    widget = getattr(field.widget, "widget", field.widget)  # within the links to add and change
    if isinstance(widget, Careful):
        widget.known = {str(row.pk): row for row in rows}


class Typing(Careful):
    """Without scripts nothing completes what is typed, and the select offers only what is chosen already. A name, or
    whatever else `key_of` knows a row by, is typed beside it then."""

    field: Any

    @property
    def hint(self) -> str:
        columns = {one.name for one in self.field.remote_field.model._meta.get_fields()}
        if "number" in columns:
            return _("or the number of another, such as 300")
        if columns & {"name", "title", "username"}:
            return _("or the name of another")
        return _("or the key of another")

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        select = super().render(name, value, attrs, renderer)  # type: ignore[misc]
        values = value if isinstance(value, list | tuple) else [value or ""]
        refused = ", ".join(str(one) for one in values if not possible_keys([one]))
        label = f"{self.field.remote_field.model._meta.verbose_name}: {self.hint}"
        return format_html(
            '{}<noscript><input type="text" class="typed" name="{}-typed" value="{}" aria-label="{}" '
            'placeholder="{}"></noscript>',
            select, name, refused, label, self.hint,
        )  # fmt: skip

    def typed(self, data: Any, name: str) -> list[str]:
        """Keys of what was typed, or what no key can be, for the field to refuse."""
        parts = [part.strip() for part in data.get(f"{name}-typed", "").split(",")]
        return [key_of(part, self.field.remote_field.model) for part in parts if part]


class Choose(Careful, AutocompleteSelect):
    """One row."""


class ChooseOrType(Typing, AutocompleteSelect):
    """One row; what is typed takes the place of what is chosen."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = self.typed(data, name)
        return typed[0] if typed else super().value_from_datadict(data, files, name)


class ChooseOrTypeSeveral(Typing, AutocompleteSelectMultiple):
    """Several rows; what is typed is added to those chosen."""

    @property
    def hint(self) -> str:
        return _("names of more, separated by commas")

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        """Each choice has its own cross; select2 would put the one for all into the list of choices."""
        return super().build_attrs(base_attrs, extra_attrs) | {"data-allow-clear": "false"}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return [*(super().value_from_datadict(data, files, name) or []), *self.typed(data, name)]


class Answers(AutocompleteJsonView):
    """What completes. An admin may say more of a row than its name, by `in_choices(row)`."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        answer: dict[str, str] = super().serialize_result(obj, to_field_name)
        said = getattr(self.model_admin, "in_choices", str)(obj)
        return answer | {"text": said}


class Choosing:
    """For admins and inlines: every relation in `autocomplete_fields` gets one of these widgets."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", ChooseOrType(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs.setdefault("widget", ChooseOrTypeSeveral(db_field, self.admin_site))  # type: ignore[attr-defined]
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
