"""Former paths: what moves leaves word of where it went."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from blog.models import Address, Author, LearningLevel
from blog.models.address import TARGETS, as_typed

from . import cards


def leave(path: str, target: models.Model) -> None:
    """From now on `path`, as a URL has it, leads to `target`, wherever that lives; a former owner of it loses it."""
    owner: dict[str, Any] = dict.fromkeys(TARGETS) | {column_of(target): target}
    Address.objects.update_or_create(path=as_typed(path), defaults=owner)


def column_of(thing: models.Model) -> str:
    """The relation of Address that names such a thing."""
    name = str(thing._meta.model_name)
    return {"learninglevel": "level", "learningpath": "learning_path"}.get(name, name)


def live_again(thing: Any) -> None:
    """The address at which the thing lives is no former one any more."""
    Address.objects.filter(path=as_typed(thing.get_absolute_url()), **{column_of(thing): thing}).delete()


@transaction.atomic
def save_keeping_address(thing: Any) -> None:
    """Saves a tag, author, series, learning path or level; when its address has changed, the former one leads to it."""
    former = type(thing).objects.select_for_update().filter(pk=thing.pk).first() if thing.pk else None
    thing.save()
    if isinstance(thing, Author | LearningLevel) and former and str(former) != str(thing):
        cards.see_to_all_of(thing)
    if former and former.get_absolute_url() != thing.get_absolute_url():
        leave(former.get_absolute_url(), thing)
