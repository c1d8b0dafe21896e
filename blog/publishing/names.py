"""Tags, authors, series, levels, learning paths and categories get another name or address: whoever knew the former
address is led on, and one operation takes it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog.models import Category, Operation
from blog.models.address import as_typed

from . import addresses, audit, categories, undo

VERB = "thing.renamed"
NAMES = ("name", "title", "slug")


@transaction.atomic
def save(thing: Any, *, at: datetime, by: Any) -> Operation | None:
    """Saves it; when it has another name or address than before, returns the operation that takes that back.

    Raises:
        django.core.exceptions.ValidationError: a category can't move there.
    """
    former = type(thing)._default_manager.filter(pk=thing.pk).first() if thing.pk else None
    if isinstance(thing, Category):
        categories.save(thing)
    else:
        addresses.save_keeping_address(thing)
    if former is None:
        return None
    was = {name: getattr(former, name) for name in NAMES if hasattr(former, name)}
    now = {name: getattr(thing, name) for name in was}
    if was == now:
        return None
    audit.record(f"{thing._meta.model_name}.renamed", thing, by=by, at=at, was=was)
    inverse = {
        "kind": thing._meta.model_name,
        "key": thing.pk,
        "was": was,
        "now": now,
        "path": as_typed(former.get_absolute_url()),
    }
    said = (
        _("“{former}” renamed to “{thing}”.").format(former=former, thing=thing)
        if str(former) != str(thing)
        else (
            _("The address of “{thing}” changed from {former} to {now}.").format(
                thing=thing, former=inverse["path"], now=as_typed(thing.get_absolute_url())
            )
        )
    )
    return undo.remember(VERB, said, inverse, at=at, by=by)


@undo.register(VERB)
def _rename_back(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    model: Any = apps.get_model("blog", inverse["kind"])
    thing: Any = model._default_manager.select_for_update(of=("self",)).filter(pk=inverse["key"]).first()
    if thing is None:
        raise undo.Refused(_("Not undone: it is gone."))
    if any(getattr(thing, name) != value for name, value in inverse["now"].items()):
        raise undo.Refused(_("Not undone: “{thing}” was renamed again since.").format(thing=thing))
    for name, value in inverse["was"].items():
        setattr(thing, name, value)
    try:
        with transaction.atomic():
            thing.full_clean(exclude=[f.name for f in thing._meta.fields if f.name not in inverse["was"]])
            save_again = categories.save if isinstance(thing, Category) else addresses.save_keeping_address
            save_again(thing)
    except (ValidationError, IntegrityError):
        raise undo.Refused(_("Not undone: the former name or address is taken by now.")) from None
    addresses.live_again(thing)
    audit.record(f"{inverse['kind']}.renamed", thing, by=by, at=at, was=inverse["now"])
    return _("It is called “{thing}” again.").format(thing=thing)
