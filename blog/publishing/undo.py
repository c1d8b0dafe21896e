"""One click takes back what was done to several rows at once: all of it or, where something has changed, nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Operation

from . import audit

Undoing = Callable[..., str]
KNOWN: dict[str, Undoing] = {}


class Refused(Exception):
    """It can't be taken back; nothing has changed, and `str()` says what stands in the way."""


def register(verb: str) -> Callable[[Undoing], Undoing]:
    """Names the function that takes back operations with this verb. It is called with the operation's `inverse` and the
    keywords `at` and `by`, within a transaction, returns a sentence for the editor, and raises Refused."""

    def keep(function: Undoing) -> Undoing:
        KNOWN[verb] = function
        return function

    return keep


def remember(verb: str, sentence: str, inverse: dict[str, Any], *, at: datetime, by: Any) -> Operation:
    """Makes what was just done an operation, in its transaction, and logs it."""
    done = Operation.objects.create(
        verb=verb,
        sentence=sentence if len(sentence) <= 300 else f"{sentence[:299]}…",
        inverse=inverse,
        made_at=at,
        who=by if by is not None and by.pk else None,
    )
    audit.record(verb, done, by=by, at=at)
    return done


@transaction.atomic
def undo(operation: Operation, *, at: datetime, by: Any) -> str:
    """Takes the operation back; returns a sentence that says what happened.

    Raises:
        Refused: it was taken back already, is too old, or something has changed since. Nothing has changed.
    """
    kept = Operation.objects.select_for_update().filter(pk=operation.pk).first()
    if kept is None or kept.verb not in KNOWN:
        raise Refused(_("This can't be undone."))
    if kept.undone_at:
        raise Refused(_("This has been undone already."))
    if not kept.can_be_undone(at):
        raise Refused(_("This was too long ago to be undone."))
    said = KNOWN[kept.verb](kept.inverse, at=at, by=by)
    kept.undone_at, kept.undone_by = at, by if by is not None and by.pk else None
    kept.save(update_fields=["undone_at", "undone_by"])
    audit.record("operation.undone", kept, by=by, at=at)
    return said


def listed(names: list[str], *, most: int = 10) -> str:
    """Titles for a sentence: “One”, “Two” and 3 others."""
    shown = _(", ").join(_("“{name}”").format(name=name) for name in names[:most])
    left = len(names) - most
    if left <= 0:
        return shown
    return ngettext("{names} and {number} other", "{names} and {number} others", left).format(
        names=shown, number=left
    )
