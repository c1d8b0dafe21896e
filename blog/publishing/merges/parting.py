"""Taking a merge back: what was merged comes back with its members and addresses, unless those have changed since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Address, Category, Post

from .. import addresses, categories, editing, revisions, successors, undo
from .drafts import lay_over
from .kinds import KINDS, Kind, addresses_of, settle, write


@undo.register(successors.MERGED)
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
            write(kind, posts, [into.pk], inverse["before"])
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
        post = editing.locked(Post(pk=key))
        if post.draft:
            lay_over(post, post.draft.content | {kind.content: was}, at=at, by=by)
    settle(kind, posts, into, *kept)
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
    mine = addresses_of(kind, [into.pk]).filter(path__in=paths).count()
    if mine < len(set(paths)):
        raise undo.Refused(_("Not undone: one of the former addresses leads elsewhere by now."))
