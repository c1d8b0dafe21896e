"""Parts of pages that are made once and shown again while they would come out the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.core.signals import setting_changed
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.files import FieldFile
from django.template import Context, Node
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.urls import get_script_prefix
from django.utils.functional import Promise
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language

from blog.models.cards import Fetched

register = template.Library()

# Characters of HTML in each process; what they were made of takes about twice as much again.
MOST = 8_000_000
# Of these two values are equal only where they look alike. `True == 1`, and so do safe and other strings: those go the
# long way.
PLAIN = frozenset({str, int, type(None)})


class Unknown(TypeError):
    """A value that can't be told from others, so that what it looks like can't be kept."""


def told(value: Any, within: frozenset[int] = frozenset()) -> Any:
    """All that a template could show of a value, as something hashable, such that equal ones look alike. A row is told
    with everything that was fetched with it. `within` are the rows that this one is told as a part of.

    Raises:
        Unknown: the value is of a kind of which that is not known, or a query that was not asked yet.
    """
    kind: Any = type(value)
    if kind in PLAIN:
        return value
    if isinstance(value, Model):
        if id(value) in within:
            return kind, value.pk
        fields = vars(value)
        within |= {id(value)}
        return kind, tuple(fields), *_each(fields.values(), within)
    if kind is ModelState:  # the rows that foreign keys lead to, as far as they are fetched
        related = value.fields_cache
        return (tuple(related), *_each(related.values(), within)) if related else None
    if kind is list or kind is tuple:
        return kind, *_each(value, within)
    if kind is dict:
        return kind, *_each(value, within), *_each(value.values(), within)
    if kind is Fetched:
        return kind, value.model, value.given
    if isinstance(value, QuerySet):
        if value._result_cache is None:
            raise Unknown("A query that was not asked yet.")
        return list, *_each(value._result_cache, within)
    if kind is datetime:
        return kind, value, value.tzinfo
    if kind in {bool, float, Decimal, date, UUID}:
        return kind, value
    if isinstance(value, str | Promise):
        return kind, str(value)
    if isinstance(value, FieldFile):
        return kind, value.name
    if isinstance(value, tuple) or hasattr(kind, "__dataclass_fields__"):
        parts = value if isinstance(value, tuple) else vars(value).values()
        return kind, *_each(parts, within)
    raise Unknown(f"Nobody knows what a template could show of a {kind.__qualname__}.")


def _each(values: Iterable[Any], within: frozenset[int]) -> list[Any]:
    return [value if type(value) in PLAIN else told(value, within) for value in values]


class Shelf:
    """What was made, up to MOST characters; what was not asked for longest goes first."""

    def __init__(self) -> None:
        self.made: OrderedDict[Hashable, str] = OrderedDict()
        self.size, self.lock = 0, Lock()

    def get(self, key: Hashable) -> str | None:
        with self.lock:
            html = self.made.get(key)
            if html is not None:
                self.made.move_to_end(key)
            return html

    def put(self, key: Hashable, html: str) -> None:
        with self.lock:
            before = self.made.pop(key, "")
            self.made[key] = html
            self.size += len(html) - len(before)
            while self.size > MOST:
                _, gone = self.made.popitem(last=False)
                self.size -= len(gone)

    def clear(self, **_: Any) -> None:
        with self.lock:
            self.made.clear()
            self.size = 0


shelf = Shelf()
# Settings stay as they are while a site runs; tests change them.
setting_changed.connect(shelf.clear)


def keep(name: str, values: dict[str, Any], make: Callable[[], str]) -> str:
    """What `make` makes of the template `name` and these values, made anew only where it may differ; see `kept`."""
    if settings.DEBUG:  # templates change
        return make()
    try:
        shown = _each(values.values(), frozenset())
        key = name, get_language(), get_current_timezone(), get_script_prefix(), *values, *shown
        html = shelf.get(key)
    except TypeError:  # Unknown, or what can't be hashed
        return make()
    if html is None:
        html = make()
        shelf.put(key, html)
    return html


class Kept(Node):
    def __init__(self, name: str, values: dict[str, FilterExpression]) -> None:
        self.name, self.values = name, values

    def render(self, context: Context) -> Any:
        values = {name: expression.resolve(context) for name, expression in self.values.items()}

        def make() -> str:
            page: Any = context.template
            return page.engine.get_template(self.name).render(context.new(values))

        return keep(self.name, values, make)


@register.tag
def kept(parser: Parser, token: Token) -> Kept:
    """`{% kept "blog/_card.html" post=post %}` shows what `{% include "blog/_card.html" with post=post only %}` would.

    A template that is given values and nothing else shows the same whenever these, the language, the time zone and the
    site's settings are the same. So what it made of them is shown again, and nothing of it can be out of date: the
    values are those that the page has just read, all of them are compared, and a name that has changed is another
    value. The template must not ask for anything but its values: no clock, no query.

    Raises:
        TemplateSyntaxError: there is no name in quotes, or what follows is not `name=value`.
    """
    _, *words = token.split_contents()
    name = words.pop(0) if words else ""
    if len(name) < 3 or name[0] not in "\"'" or name[-1] != name[0]:
        raise template.TemplateSyntaxError("kept: the name of the template comes first, in quotes.")
    values = token_kwargs(words, parser)
    if words:
        raise template.TemplateSyntaxError(f"kept: {words[0]} is no name=value.")
    return Kept(name[1:-1], values)
