"""What a merge would do, and whether it can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from blog.models import Author, Category, Post, Series
from blog.models.address import as_typed

from .. import undo
from .kinds import CannotMerge, addresses_of, kind_of

NAMED = 20  # posts that a preview names


@dataclass(frozen=True)
class Preview:
    """What a merge would do. `posts` are the first that it touches, `count` how many there are; `both` are those that
    belong to several of them already; `paths` will lead to `into`; `notes` are sentences on what else happens."""

    into: models.Model
    former: list[models.Model]
    count: int
    posts: list[Post]
    both: int
    paths: list[str]
    notes: list[str] = field(default_factory=list)


def preview(former: Sequence[Any], into: Any) -> Preview:
    """What `merge` would do, in a few queries.

    Raises:
        CannotMerge: it would refuse.
    """
    kind = kind_of(into)
    demand_possible(former, into)
    keys = [one.pk for one in former]
    members = kind.rows._default_manager.filter(**{f"{kind.thing}__in": keys}).order_by()
    ids = members.values(kind.post)
    posts = Post.objects.filter(pk__in=ids)
    here = kind.rows._default_manager.filter(**{kind.thing: into.pk}).values(kind.post)
    paths = [as_typed(one.get_absolute_url()) for one in former]
    paths += list(addresses_of(kind, keys).order_by("path").values_list("path", flat=True)[:NAMED])
    return Preview(
        into=into,
        former=list(former),
        count=posts.count(),
        posts=list(posts.only("title", "status", "published_at", "expires_at").order_by("-pk")[:NAMED]),
        both=posts.filter(pk__in=here).count(),
        paths=paths,
        notes=list(_notes(former, into)),
    )


def _notes(former: Sequence[Any], into: Any) -> list[str]:
    names = undo.listed([str(one) for one in former])
    if isinstance(into, Author):
        notes = [
            _("The portrait, the words and the links of “{into}” stay; those of {names} go.").format(
                into=into, names=names
            )
        ]
        account = next((one.user for one in former if one.user_id), None)
        if account and not into.user_id:
            notes.append(
                _("The account “{account}” will be tied to “{into}”.").format(account=account, into=into)
            )
        return notes
    if isinstance(into, Series):
        return [
            _("Parts keep their numbers where those are free; the others come after the last part."),
            _("The description of “{into}” stays.").format(into=into),
        ]
    if isinstance(into, Category):
        below = Category.objects.filter(parent__in=[one.pk for one in former]).exclude(pk=into.pk)
        moved = [one.path for one in below.order_by("path")[: NAMED + 1]]
        told = (
            _("Categories below move along: {names}.").format(names=undo.listed(moved, most=NAMED))
            if moved
            else ""
        )
        return [note for note in (told, _("The description of “{into}” stays.").format(into=into)) if note]
    return []


def demand_possible(former: Sequence[Any], into: Any) -> None:
    """Raises CannotMerge."""
    if (
        not former
        or any(one.pk == into.pk for one in former)
        or any(type(one) is not type(into) for one in former)
    ):
        raise CannotMerge(_("Choose two or more different ones, and which of them stays."))
    if not isinstance(into, Category):
        return
    taken: dict[str, str] = dict(into.children.values_list("slug", "path"))
    for one in former:
        if into.path.startswith(f"{one.path}/"):
            raise CannotMerge(_("“{into}” lies below “{one}”. Move it out first.").format(into=into, one=one))
        for slug, path in one.children.exclude(pk__in=[other.pk for other in former]).values_list(
            "slug", "path"
        ):
            if slug in taken:
                raise CannotMerge(
                    _("“{first}” and “{second}” would get the same address. Merge those first.").format(
                        first=taken[slug], second=path
                    )
                )
            taken[slug] = path
        if any(other.path.startswith(f"{one.path}/") for other in former):
            raise CannotMerge(_("One of them lies below another. Merge the lower one first."))
