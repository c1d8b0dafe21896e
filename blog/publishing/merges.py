"""Several tags, authors, series or categories become one: memberships, former addresses and drafts follow, and one
operation takes it all back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import (
    Address,
    Author,
    Byline,
    Category,
    Operation,
    Post,
    PostTag,
    Series,
    SeriesPart,
    Tag,
)
from blog.models.address import as_typed

from . import addresses, audit, cards, categories, editing, listing, revisions, successors, undo
from .contents import Content

NAMED = 20  # posts that a preview names
BATCH = 2_000
VERB = successors.MERGED


class CannotMerge(Exception):
    """Nothing was merged; `str()` says why and what to do first."""


@dataclass(frozen=True)
class Kind:
    """How posts are members of such a thing: the rows, their two columns, the one that orders them, and the name of the
    list in a post's content."""

    model: type[models.Model]
    rows: type[models.Model]
    thing: str
    post: str
    order: str
    content: str


KINDS = {
    "tag": Kind(Tag, PostTag, "tag_id", "content_object_id", "", "tags"),
    "author": Kind(Author, Byline, "author_id", "post_id", "position", "authors"),
    "series": Kind(Series, SeriesPart, "series_id", "post_id", "number", "series"),
    "category": Kind(Category, Post.categories.through, "category_id", "post_id", "", "categories"),
}


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


def kind_of(thing: models.Model | type[models.Model]) -> Kind:
    """Raises KeyError for what can't be merged."""
    return KINDS[str(thing._meta.model_name)]


def preview(former: Sequence[Any], into: Any) -> Preview:
    """What `merge` would do, in a few queries.

    Raises:
        CannotMerge: it would refuse.
    """
    kind = kind_of(into)
    _demand_possible(former, into)
    keys = [one.pk for one in former]
    members = kind.rows._default_manager.filter(**{f"{kind.thing}__in": keys}).order_by()
    ids = members.values(kind.post)
    posts = Post.objects.filter(pk__in=ids)
    here = kind.rows._default_manager.filter(**{kind.thing: into.pk}).values(kind.post)
    paths = [as_typed(one.get_absolute_url()) for one in former]
    paths += list(_addresses(kind, keys).order_by("path").values_list("path", flat=True)[:NAMED])
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


def _demand_possible(former: Sequence[Any], into: Any) -> None:
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
    found, ids = successors.locked(kind.model, kind.rows, kind.thing, kind.post, keys, into.pk)
    members = kind.rows._default_manager.filter(**{f"{kind.thing}__in": [*keys, into.pk]}).order_by()
    if len(found) < len({*keys, into.pk}):
        raise CannotMerge(_("One of them is gone meanwhile."))
    into, former = found[into.pk], [found[key] for key in keys]
    _demand_possible(former, into)
    columns = [kind.thing, kind.post, *([kind.order] if kind.order else [])]
    here = members.filter(**{f"{kind.post}__in": ids})
    before = [list(row) for row in here.order_by(kind.post, *columns[2:], "pk").values_list(*columns)]
    numbers = (
        set(SeriesPart.objects.filter(series=into).values_list("number", flat=True))
        if kind.model is Series
        else set()
    )
    inverse: dict[str, Any] = {
        "kind": into._meta.model_name,
        "into": into.pk,
        "posts": ids,
        "former": [
            {
                "row": {f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields},
                "path": as_typed(one.get_absolute_url()),
                "addresses": list(_addresses(kind, [one.pk]).order_by("path").values_list("path", flat=True)),
                "children": list(one.children.order_by("pk").values_list("pk", flat=True))
                if isinstance(one, Category)
                else [],
            }
            for one in former
        ],
        "before": before,
        "account": None,
    }
    after = _joined(kind, before, into.pk, keys, numbers)
    _write(kind, ids, [*keys, into.pk], after)
    names = undo.listed([str(one) for one in former], most=3)
    said = _("{names} merged into “{into}”.").format(names=names, into=into)
    revisions.record_change(ids, at=at, by=by, note=said)
    for one in former:
        if isinstance(one, Category):
            for child in one.children.order_by("path"):
                child.parent = into
                categories.save(child)
        _addresses(kind, [one.pk]).update(**{addresses.column_of(into): into})
    if isinstance(into, Author) and not into.user_id:
        account = next((one.user_id for one in former if one.user_id), None)
        Author.objects.filter(pk__in=keys).update(user=None)
        if account:
            into.user_id = inverse["account"] = account
            into.save(update_fields=["user"])
    inverse["drafts"] = _rename_in_drafts(kind, former, into, at=at, by=by)
    paths = [one.get_absolute_url() for one in former]
    audit.record_all(f"{into._meta.model_name}.merged", former, by=by, at=at, into=into.pk, named=str(into))
    kind.model._default_manager.filter(pk__in=keys).delete()
    connection.check_constraints()
    for path in paths:
        addresses.leave(path, into)
    inverse["after"] = [row[1:] for row in after]
    _settle(kind, ids, into)
    return undo.remember(VERB, said, inverse, at=at, by=by)


def _addresses(kind: Kind, keys: Sequence[int]) -> models.QuerySet[Address]:
    return Address.objects.filter(**{f"{kind.model._meta.model_name}__in": keys})


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


def _write(kind: Kind, posts: list[int], things: list[int], rows: list[list[Any]]) -> None:
    """Makes these rows the memberships that the posts have of the things."""
    old = kind.rows._default_manager.filter(**{f"{kind.post}__in": posts, f"{kind.thing}__in": things})
    old.order_by().delete()
    names = [kind.thing, kind.post, *([kind.order] if kind.order else [])]
    made = [kind.rows(**dict(zip(names, row, strict=True))) for row in rows]
    kind.rows._default_manager.bulk_create(made, batch_size=5_000)


def _settle(kind: Kind, posts: list[int], *things: Any) -> None:
    """Files the posts anew, and has their cards drawn where these name an author."""
    for start in range(0, len(posts), BATCH):
        listing.refile(posts[start : start + BATCH])
    if kind.model is Author:
        for author in things:
            cards.see_to_all_of(author)


# --- Drafts on top


def _rename_in_drafts(
    kind: Kind, former: Sequence[Any], into: Any, *, at: datetime, by: Any
) -> list[list[Any]]:
    """Drafts on top that name what is to go name `into` instead; of each the post, its version, and what it named."""
    gone = {_key(kind, one) for one in former}
    changed = []
    live = Post.objects.filter(draft__isnull=False, status=Post.Status.PUBLISHED)
    for post in live.select_related("draft").order_by("pk"):
        content: Content = post.draft.content if post.draft else {}
        was = content.get(kind.content, [])
        new = _replaced(kind, was, gone, _key(kind, into))
        if new != was:
            version = _over(post, content | {kind.content: new}, at=at, by=by)
            changed.append([post.pk, version, was])
    return changed


def _key(kind: Kind, thing: Any) -> Any:
    return thing.name if kind.content == "tags" else thing.pk


def _replaced(kind: Kind, values: list[Any], gone: set[Any], into: Any) -> list[Any]:
    if kind.content == "series":
        held = {pk for pk, _ in values}
        moved = [
            [into, n] if pk in gone else [pk, n] for pk, n in values if not (pk in gone and into in held)
        ]
        return sorted({pk: [pk, n] for pk, n in reversed(moved)}.values())
    new = list(dict.fromkeys(into if value in gone else value for value in values))
    return new if kind.content == "authors" else sorted(new)


def _over(post: Post, content: Content, *, at: datetime, by: Any) -> int:
    return editing.save(post, content, at=at, by=by, on_top=True).post.version


# --- Taking it back


@undo.register(VERB)
def _apart(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    kind = KINDS[inverse["kind"]]
    posts = inverse["posts"]
    locked = Post.objects.filter(pk__in=posts).select_for_update(of=("self",)).order_by("pk")
    titles = dict(locked.values_list("pk", "title"))
    if len(titles) < len(posts):
        raise undo.Refused(
            _("Not undone: {number} of its posts are gone.").format(number=len(posts) - len(titles))
        )
    into: Any = kind.model._default_manager.select_for_update(of=("self",)).filter(pk=inverse["into"]).first()
    if into is None:
        raise undo.Refused(_("Not undone: what they were merged into is gone."))
    _demand_untouched(kind, inverse, into, titles)
    kept = []
    try:
        with transaction.atomic():
            if inverse["account"]:
                into.user_id = None
                into.save(update_fields=["user"])
            for one in inverse["former"]:
                thing: Any = kind.model(**one["row"])
                thing.save(force_insert=True)
                kept.append(thing)
                for child in Category.objects.filter(pk__in=one["children"]).order_by("path"):
                    child.parent = thing
                    categories.save(child)
                mine = Address.objects.filter(path__in=[*one["addresses"], one["path"]])
                mine.update(**{addresses.column_of(into): thing})
                addresses.live_again(thing)
            _write(kind, posts, [into.pk], inverse["before"])
            connection.check_constraints()
            back = undo.listed([str(one) for one in kept], most=3)
            revisions.record_change(
                posts,
                at=at,
                by=by,
                note=_("{names} parted from “{into}” again.").format(names=back, into=into),
            )
    except (IntegrityError, ValidationError) as trouble:
        what = _("A name or an address is taken.")
        if isinstance(trouble, ValidationError):
            what = " ".join(trouble.messages)
        raise undo.Refused(
            _("Not undone: they can't come back as they were. {what}").format(what=what)
        ) from None
    for key, _version, was in inverse["drafts"]:
        post = Post.objects.select_related("draft").get(pk=key)
        if post.draft:
            _over(post, post.draft.content | {kind.content: was}, at=at, by=by)
    _settle(kind, posts, into, *kept)
    names = undo.listed([str(one) for one in kept])
    return ngettext("{names} is back.", "{names} are back.", len(kept)).format(names=names)


def _demand_untouched(kind: Kind, inverse: dict[str, Any], into: Any, titles: dict[int, str]) -> None:
    columns = [kind.post, *([kind.order] if kind.order else [])]
    here = kind.rows._default_manager.filter(**{kind.thing: into.pk, f"{kind.post}__in": inverse["posts"]})
    now = {post: order for post, *order in here.order_by().values_list(*columns)}
    then = {post: order for post, *order in inverse["after"]}
    if now != then:
        changed = sorted(titles[pk] for pk in titles if now.get(pk) != then.get(pk))
        raise undo.Refused(_("Not undone: {names} changed since.").format(names=undo.listed(changed)))
    drafts = dict(Post.objects.filter(pk__in=[d[0] for d in inverse["drafts"]]).values_list("pk", "version"))
    if any(drafts.get(key) != version for key, version, _was in inverse["drafts"]):
        raise undo.Refused(_("Not undone: a draft that named one of them has changed since."))
    children = [pk for one in inverse["former"] for pk in one["children"]]
    if (
        Category.objects.filter(pk__in=children, parent=into.pk).count() < len(children)
        if children
        else False
    ):
        raise undo.Refused(_("Not undone: a category that moved along has moved on since."))
    paths = [path for one in inverse["former"] for path in (one["path"], *one["addresses"])]
    mine = _addresses(kind, [into.pk]).filter(path__in=paths).count()
    if mine < len(set(paths)):
        raise undo.Refused(_("Not undone: one of the former addresses leads elsewhere by now."))
