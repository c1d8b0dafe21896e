"""What the rooms that know no Django say to editors, in the language of who looks: refusals and problems of a text.

They say a sentence's name and what is filled in (`markup.sentences`, `imaging.sentences`); the catalogues know it by
its English.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext

from blog import imaging, markup


def of(trouble: Exception) -> str:
    """Why a text can't be rendered or a picture not be used; any other exception in its own words."""
    if isinstance(trouble, markup.RenderRefused):
        return _said(markup.say, trouble.sentence, trouble.values)
    if isinstance(trouble, imaging.ImageRefused):
        return _said(imaging.say, trouble.sentence, trouble.values)
    return str(trouble)


def of_problem(noted: dict[str, Any]) -> str:
    """What should be mended in a text, of `Post.facts["problems"]`. One that an older release has noted, or that this
    one does not know, is told as it was written then."""
    try:
        return _said(markup.say, noted["sentence"], noted["values"])
    except KeyError:
        return str(noted["message"])


def _said(say: Callable[..., str], sentence: str, values: Any) -> str:
    return say(sentence, values, translate=gettext, number=_number)


def _number(value: float) -> str:
    return number_format(value, force_grouping=True)
