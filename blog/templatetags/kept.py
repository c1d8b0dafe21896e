"""Parts of pages that are made once and shown again while they would come out the same."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context, Node
from django.template.base import FilterExpression, Parser, Token, token_kwargs

from blog.keeping.shelf import parts

register = template.Library()


class Kept(Node):
    def __init__(self, name: str, values: dict[str, FilterExpression]) -> None:
        self.name, self.values = name, values

    def render(self, context: Context) -> Any:
        values = {name: expression.resolve(context) for name, expression in self.values.items()}

        def make() -> str:
            page: Any = context.template
            return page.engine.get_template(self.name).render(context.new(values))

        return parts.keep(self.name, values, make)


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
