"""Working copies: what an editor has typed into a form and not saved. Nothing but their own row is touched or locked.

Every word has come from one opened form, a *tab*, which numbers what it sends. A request that comes late is known by
that; one that would write over words its tab has not seen is refused, and says whose they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from blog.models import Post, WorkingCopy

Form = dict[str, list[str]]

MOST_CHARACTERS = 2_000_000
MOST_NAMES = 10_000
LAST = 2**53
"""A sequence after all that a browser counts."""
KEPT_UNSAVED = timedelta(days=90)
KEPT_DISCARDED = timedelta(days=30)
KEPT_MEMORY = timedelta(days=2)
"""For how long it is remembered which tab has saved its words."""

# One statement: of two requests in the same millisecond the second finds what the first has written.
WRITE = """
    INSERT INTO blog_workingcopy AS copy
        (user_id, post_id, key, form, seen_version, number, tab, sequence, saved_at)
    VALUES (%(user)s, %(post)s, %(key)s, %(form)s::jsonb, %(seen)s, %(number)s + 1, %(tab)s, %(sequence)s, %(at)s)
    ON CONFLICT {place} DO UPDATE SET
        form = EXCLUDED.form, seen_version = EXCLUDED.seen_version, tab = EXCLUDED.tab, sequence = EXCLUDED.sequence,
        saved_at = EXCLUDED.saved_at, number = copy.number + 1
    WHERE CASE WHEN copy.tab = EXCLUDED.tab THEN copy.sequence < EXCLUDED.sequence
        ELSE copy.number = %(number)s OR copy.form IS NULL END
    RETURNING number, saved_at
"""
OF_POST = "(user_id, post_id) WHERE post_id IS NOT NULL AND discarded_at IS NULL"
OF_NEW = "(user_id, key) WHERE post_id IS NULL AND discarded_at IS NULL"


class NotAForm(Exception):
    """What was sent is not what a form holds, or far more; the message is for the editor."""


@dataclass(frozen=True)
class Kept:
    """`other` is the copy that another tab has written and this one has not seen: nothing was written over it.
    `closed` tells that the tab's words were saved or discarded meanwhile; a tab that is open all the same sends those
    that came after under a new name."""

    number: int
    saved_at: datetime
    other: WorkingCopy | None = None
    closed: bool = False


def form_of(sent: Any) -> Form:
    """What a browser has sent as a form: names with lists of strings. What no text column can hold is taken out.

    Raises:
        NotAForm: it is something else, or too much.
    """
    if not isinstance(sent, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in sent.values()
    ):
        raise NotAForm(_("A form is sent as names with lists of texts."))
    if (
        len(sent) > MOST_NAMES
        or sum(len(name) + sum(map(len, values)) for name, values in sent.items()) > MOST_CHARACTERS
    ):
        raise NotAForm(
            _("A form of more than {most} characters is not kept on the server.").format(
                most=number_format(MOST_CHARACTERS, force_grouping=True)
            )
        )
    return {storable(name): [storable(value) for value in values] for name, values in sent.items()}


def storable(text: str) -> str:
    """The text with line ends as they are stored, without NUL, and with a question mark for half a character."""
    text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode("utf-8")


def keep(
    form: Form | None, *, by: Any, at: datetime, tab: str, sequence: int, number: int = 0,
    post: int | None = None, key: str = "", seen: int = 0,
) -> Kept:  # fmt: skip
    """Writes what was typed into the copy of this editor and post; of a new post, which has no key yet, the form's own.
    One query, or two where nothing was to be written.

    Args:
        number: of the copy that the tab's words go on from, as it was told last; 0 if it knows of none.
        seen: the version of the post that the form was filled from.
    """
    values = {
        "user": by.pk, "post": post, "key": "" if post else key, "form": None if form is None else json.dumps(form),
        "seen": seen, "number": number, "tab": tab, "sequence": sequence, "at": at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(place=OF_POST if post else OF_NEW), values)
        if written := cursor.fetchone():
            return Kept(*written)
    copy = of(by, post=post, key=key).get()
    if copy.tab != tab:
        return Kept(copy.number, copy.saved_at, other=copy)
    return Kept(copy.number, copy.saved_at, closed=copy.form is None)


def of(user: Any, *, post: int | None = None, key: str = "") -> Any:
    """The editor's copy of this post, saved or not, as a queryset of one row or none."""
    copies = WorkingCopy.objects.filter(user=user, discarded_at=None)
    return copies.filter(post=post) if post else copies.filter(post=None, key=key)


def drop(
    post: Post, *, by: Any, at: datetime, tab: str = "", number: int = 0, key: str = ""
) -> None:  # fmt: skip
    """The form was saved: its words are the post's now. To be called in the transaction that saves it.

    What another tab has typed meanwhile is not among them and stays. The row remembers the tab, so that a request which
    the browser had sent before and which arrives only now finds its words old.
    """
    for pk, own_key in ((post.pk, ""), (None, key)):
        if tab and (pk or own_key):
            keep(None, by=by, at=at, tab=tab, sequence=LAST, number=number, post=pk, key=own_key)
        elif number and (pk or own_key):
            of(by, post=pk, key=own_key).filter(number=number).update(form=None, sequence=LAST, saved_at=at)


def drop_until(post: Post, *, by: Any, tab: str, until: datetime, at: datetime) -> None:
    """What the editor had typed in that tab by `until` was saved in another way: merged, for one. What came later, and
    what another tab keeps, stays."""
    if not of(by, post=post.pk).filter(tab=tab, saved_at__gt=until).exists():
        keep(None, by=by, at=at, tab=tab, sequence=LAST, post=post.pk)


@transaction.atomic
def set_aside(
    form: Form, *, by: Any, at: datetime, post: int | None = None, key: str = "", seen: int = 0
) -> WorkingCopy:
    """Keeps words that the editor has decided against, as if they had been discarded."""
    return WorkingCopy.objects.create(
        user=by, post_id=post, key="" if post else key, form=form, seen_version=seen, tab="", sequence=LAST,
        saved_at=at, discarded_at=at,
    )  # fmt: skip


@transaction.atomic
def discard(copy: WorkingCopy, *, at: datetime) -> None:
    """Takes the words off; for a while they can be brought back."""
    copy = WorkingCopy.objects.select_for_update(of=("self",)).get(pk=copy.pk)
    set_aside(copy.form or {}, by=copy.user, at=at, post=copy.post_id, key=copy.key, seen=copy.seen_version)
    WorkingCopy.objects.filter(pk=copy.pk).update(
        form=None, sequence=LAST, number=copy.number + 1, saved_at=at
    )


@transaction.atomic
def bring_back(copy: WorkingCopy, *, at: datetime) -> None:
    """Makes discarded words the working copy again; what had taken their place is discarded for them.

    Raises:
        IntegrityError: somebody does the same at this moment.
    """
    present = of(copy.user, post=copy.post_id, key=copy.key).select_for_update(of=("self",)).first()
    if present and present.form is not None:
        discard(present, at=at)
    if present:
        present.delete()
    number = present.number + 1 if present else copy.number
    again = WorkingCopy.objects.filter(pk=copy.pk).exclude(discarded_at=None)
    if not again.update(discarded_at=None, saved_at=at, number=number):
        raise IntegrityError("these words have been brought back already")


def forget(*, at: datetime) -> int:
    """Removes the words that nobody has come back to for three months, those discarded a month ago, and those of posts
    that are gone; returns how many."""
    old = (
        Q(discarded_at=None, form__isnull=False, saved_at__lt=at - KEPT_UNSAVED)
        | Q(discarded_at__lt=at - KEPT_DISCARDED)
        | Q(form__isnull=True, saved_at__lt=at - KEPT_MEMORY)
    )
    gone = Q(post__isnull=False) & ~Q(post__in=Post.objects.order_by().values("pk"))
    return WorkingCopy.objects.filter(old | gone).delete()[0]
