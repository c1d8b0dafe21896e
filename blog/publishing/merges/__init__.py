"""Several tags, authors, series or categories become one: memberships, former addresses and drafts follow, and one
operation takes it all back.

    kinds.py       what can be merged, and how posts are members of it
    previewing.py  what a merge would do, and whether it can be done
    drafts.py      drafts on top that name what goes
    parting.py     the way back
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from blog.models import Author, Category, Operation, Series, SeriesPart
from blog.models.address import as_typed

from .. import addresses, audit, categories, revisions, successors, undo
from . import drafts, parting
from .kinds import KINDS, CannotMerge, Kind, addresses_of, kind_of, settle, write
from .previewing import Preview, demand_possible, preview

__all__ = ["KINDS", "CannotMerge", "Kind", "Preview", "kind_of", "merge", "parting", "preview"]


@transaction.atomic
def merge(former: Sequence[Any], *, into: Any, at: datetime, by: Any) -> Operation:
    """Gives all that `former` have to `into` and deletes them; their addresses lead to it.

    Raises:
        CannotMerge: nothing has changed; a sentence says why.
    """
    kind = kind_of(into)
    keys = [one.pk for one in former]
    if kind.model is Category:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog_category tree'))")
    try:
        found, ids = successors.locked(kind.model, kind.rows, kind.thing, kind.post, keys, into.pk)
    except successors.Busy:
        raise CannotMerge(
            _("Others are filing posts under one of them at this moment. Nothing was merged; try again.")
        ) from None
    members = kind.rows._default_manager.filter(**{f"{kind.thing}__in": [*keys, into.pk]}).order_by()
    if len(found) < len({*keys, into.pk}):
        raise CannotMerge(_("One of them is gone meanwhile."))
    into, former = found[into.pk], [found[key] for key in keys]
    demand_possible(former, into)
    columns = [kind.thing, kind.post, *([kind.order] if kind.order else [])]
    here = members.filter(**{f"{kind.post}__in": ids})
    before = [list(row) for row in here.order_by(kind.post, *columns[2:], "pk").values_list(*columns)]
    numbers = (
        set(SeriesPart.objects.filter(series=into).values_list("number", flat=True))
        if kind.model is Series
        else set()
    )
    inverse = _kept(kind, former, into, ids, before)
    after = _joined(kind, before, into.pk, keys, numbers)
    write(kind, ids, [*keys, into.pk], after)
    names = undo.listed([str(one) for one in former], most=3)
    said = _("{names} merged into “{into}”.").format(names=names, into=into)
    revisions.record_change(ids, at=at, by=by, note=said)
    for one in former:
        if isinstance(one, Category):
            for child in one.children.order_by("path"):
                child.parent = into
                categories.save(child)
        addresses_of(kind, [one.pk]).update(**{addresses.column_of(into): into})
    if isinstance(into, Author) and not into.user_id:
        account = next((one.user_id for one in former if one.user_id), None)
        Author.objects.filter(pk__in=keys).update(user=None)
        if account:
            into.user_id = inverse["account"] = account
            into.save(update_fields=["user"])
    inverse["drafts"] = drafts.rename(kind, former, into, at=at, by=by)
    paths = [one.get_absolute_url() for one in former]
    audit.record_all(f"{into._meta.model_name}.merged", former, by=by, at=at, into=into.pk, named=str(into))
    kind.model._default_manager.filter(pk__in=keys).delete()
    connection.check_constraints()
    for path in paths:
        addresses.leave(path, into)
    inverse["after"] = [row[1:] for row in after]
    settle(kind, ids, into)
    return undo.remember(successors.MERGED, said, inverse, at=at, by=by)


def _kept(
    kind: Kind, former: Sequence[Any], into: Any, posts: list[int], before: list[list[Any]]
) -> dict[str, Any]:
    """What there was before, for the way back."""
    return {
        "kind": into._meta.model_name,
        "into": into.pk,
        "posts": posts,
        "former": [
            {
                "row": {f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields},
                "path": as_typed(one.get_absolute_url()),
                "addresses": list(
                    addresses_of(kind, [one.pk]).order_by("path").values_list("path", flat=True)
                ),
                "children": list(one.children.order_by("pk").values_list("pk", flat=True))
                if isinstance(one, Category)
                else [],
            }
            for one in former
        ],
        "before": before,
        "account": None,
    }


def _joined(
    kind: Kind, before: list[list[Any]], into: int, keys: list[int], numbers: set[int]
) -> list[list[Any]]:
    """The rows that a post's memberships of all these become: one each. `numbers` are taken in a series that stays."""
    rows: dict[int, list[Any]] = {}
    if kind.model is not Series:
        for _thing, post, *order in before:  # a byline stands where the first of them stood
            rows.setdefault(post, [into, post, *order])
        return list(rows.values())
    taken = set(numbers)
    rows = {post: [into, post, number] for thing, post, number in before if thing == into}
    for key in keys:
        for _thing, post, number in sorted((row for row in before if row[0] == key), key=lambda row: row[2]):
            if post not in rows:
                free = number if number not in taken else max(taken) + 1
                taken.add(free)
                rows[post] = [into, post, free]
    return list(rows.values())
