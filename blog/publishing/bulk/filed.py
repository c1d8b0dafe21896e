"""Where many posts are filed: level, categories, tags, authors. The words stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Author, Category, LearningLevel, Post

from .. import approvals, contents, editing, filing, sentences, tagging, undo, workflow
from ..contents import Content
from .outcome import (
    ADD_AUTHORS,
    ADD_CATEGORIES,
    ADD_TAGS,
    FILING,
    GONE,
    LEVEL,
    REMOVE_CATEGORIES,
    REMOVE_TAGS,
    VERB,
    Outcome,
    Refusal,
    counted,
    demand,
)  # fmt: skip
from .untouched import untouched


def _plain(posts: Iterable[Post], contents_of: dict[int, list[Content]], by: Any) -> set[int]:
    """The keys of those that `filing` may change: no draft on top, and nobody's approval to wait for."""
    sure = by is not None and by.is_superuser
    filed = {pk for given in contents_of.values() for one in given for pk in one["categories"]}
    asked = {} if sure else approvals.needed_by_each(filed)
    return {
        post.pk
        for post in posts
        if not post.draft_id
        and (
            post.status != Post.Status.PUBLISHED
            or not any(asked.get(pk) for one in contents_of[post.pk] for pk in one["categories"])
        )
    }


def file_plain(
    kind: str,
    keys: list[int],
    value: Any,
    outcome: Outcome,
    *,
    at: datetime,
    by: Any,
    allowed: Callable[[Post], bool],
) -> list[dict[str, Any]]:
    """Files those of the posts that need no care of their own, all at once; tells `outcome` of each and returns how to
    take it back. The others are not told of."""
    rows = Post.objects.select_for_update(of=("self",)).filter(pk__in=keys, draft=None)
    posts, live, changes = list(rows.order_by("pk")), {}, {}
    # Asked once the rows are locked: what is asked with a lock that waits is answered as of before it waited.
    filed = Post.objects.filter(pk__in=[post.pk for post in posts]).order_by()
    around: dict[int, Any] = {found["pk"]: found for found in filed.values("pk", **contents.around())}
    for post in posts:
        live[post.pk] = contents.gathered(post, around[post.pk])
        changes[post.pk] = _changed(live[post.pk], kind, value)
    after = {pk: [content, content | changes[pk]] for pk, content in live.items()}
    easy, wanted = _plain(posts, after, by), []
    for post in posts:
        if post.pk not in easy:
            continue
        try:
            demand(post, allowed)
        except Refusal as refusal:
            outcome.failed.append((post, str(refusal)))
            continue
        if changes[post.pk]:
            wanted.append(filing.Refiling(post, live[post.pk], changes[post.pk]))
        else:
            outcome.same.append(post)
    if not _there(kind, value):
        outcome.failed += [(one.post, str(GONE)) for one in wanted]
        return []
    lacking = filing.judge(wanted, at=at)
    for one in wanted:
        if found := lacking.get(one.post.pk):
            outcome.failed.append((one.post, str(workflow.NotReady(found))))
            outcome.lacking[one.post.pk] = found
    done = [one for one in wanted if one.post.pk not in lacking]
    filing.write(done, at=at, by=by)
    outcome.done += [one.post for one in done]
    return [_undoing(one) for one in done]


def _undoing(one: filing.Refiling) -> dict[str, Any]:
    was = {name: one.live[name] for name in one.change}
    return {"was": was, "draft_was": {}, "post": one.post.pk, "version": one.post.version}


def _there(kind: str, value: Any) -> bool:
    """Whether what posts are to be given exists."""
    if kind == LEVEL:
        return filing.there(LearningLevel, [value])
    models: dict[str, type[Any]] = {ADD_CATEGORIES: Category, ADD_AUTHORS: Author}
    model = models.get(kind)
    return model is None or filing.there(model, value)


def file(post: Post, kind: str, value: Any, at: datetime, by: Any) -> dict[str, Any] | None:
    """Changes where the post is filed; returns how to take that back, or None where it was so already."""
    if post.draft and post.status != Post.Status.PUBLISHED:
        raise Refusal(
            _("It carries a draft that was never published: decide about that in its own form first.")
        )
    live = contents.read(post)
    change = _changed(live, kind, value)
    over = _changed(contents.head(post), kind, value) if post.draft else {}
    if not change and not over:
        return None
    record = {
        "was": {name: live[name] for name in change},
        "draft_was": {name: contents.head(post)[name] for name in over},
    }
    saved = refile(post, change, over, at=at, by=by)
    return record | {"post": post.pk, "version": saved.version}


def refile(post: Post, change: Content, over: Content, *, at: datetime, by: Any) -> Post:
    """Writes a change of the filing to what readers see, and one to the draft on top, which stays on top and keeps its
    appointment. Returns the row as saved.

    Raises:
        Refusal: the change would have to wait for an approval.
    """
    live, head, when = contents.read(post), contents.head(post), post.draft_at
    if post.draft:
        editing.discard_draft(post)
    saved = editing.save(post, live | change, at=at, by=by, minor=True)
    if saved.on_top:
        raise Refusal(_("Its category asks for an approval of every change: change it in its own form."))
    fresh = saved.post
    if post.draft:
        fresh = editing.save(fresh, head | over, at=at, by=by, on_top=True).post
        if when:
            fresh.draft_at = when
            Post.objects.filter(pk=post.pk).update(draft_at=when)
    return fresh


def meant(kind: str, value: Any) -> Any:
    """The value as posts have it: tags by the names that they go by. Asked once for all posts."""
    return tagging.resolved(value) if kind in (ADD_TAGS, REMOVE_TAGS) else value


def _changed(content: Content, kind: str, value: Any) -> Content:
    """The part of the content that becomes another."""
    if kind == LEVEL:
        name, new = "learning_level", value
    elif kind == ADD_CATEGORIES:
        name, new = "categories", sorted({*content["categories"], *value})
    elif kind == REMOVE_CATEGORIES:
        name, new = "categories", sorted({*content["categories"]} - {*value})
    elif kind == ADD_AUTHORS:
        name, new = "authors", list(dict.fromkeys([*content["authors"], *value]))
    else:
        name = "tags"
        wanted = {tag.lower(): tag for tag in value}
        others = {tag.lower(): tag for tag in content["tags"]}
        kept = wanted | others if kind == ADD_TAGS else {k: t for k, t in others.items() if k not in wanted}
        new = sorted(kept.values())
    return {name: new} if new != content[name] else {}


# --- Taking it back


def _unfile(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = untouched(inverse)
    easy = _unfile_plain(posts, at=at, by=by)
    for post, record in posts:
        if post.pk in easy:
            continue
        try:
            refile(post, record["was"], record["draft_was"], at=at, by=by)
        except (Refusal, workflow.NotReady, markup.RenderRefused, IntegrityError) as trouble:
            raise undo.Refused(
                _("Not undone: “{post}” can't be put back. {trouble}").format(
                    post=post, trouble=sentences.of(trouble)
                )
            ) from None
    return _("{posts} put back as before.").format(posts=counted(len(posts)))


def _unfile_plain(posts: list[tuple[Post, dict[str, Any]]], *, at: datetime, by: Any) -> set[int]:
    """Puts back those that need no care of their own, all at once; returns their keys."""
    around, records = contents.around(), {post.pk: record for post, record in posts}
    rows = {post.pk: post for post in Post.objects.filter(pk__in=records).annotate(**around)}
    live = {
        pk: contents.gathered(post, {name: getattr(post, name) for name in around})
        for pk, post in rows.items()
    }
    after = {pk: [content, content | records[pk]["was"]] for pk, content in live.items()}
    easy = _plain((post for pk, post in rows.items() if not records[pk]["draft_was"]), after, by)
    back = [filing.Refiling(rows[pk], live[pk], records[pk]["was"]) for pk in sorted(easy)]
    named = {
        name: {pk for one in back for pk in one.change.get(name, ())} for name in ("categories", "authors")
    }
    levels = {one.change["learning_level"] for one in back if one.change.get("learning_level")}
    for model, keys in ((Category, named["categories"]), (Author, named["authors"]), (LearningLevel, levels)):
        if not filing.there(model, list(keys)):
            raise undo.Refused(_("Not undone: what the posts were filed under is gone."))
    if lacking := filing.judge(back, at=at):
        key, found = next(iter(lacking.items()))
        raise undo.Refused(
            _("Not undone: “{post}” can't be put back. {trouble}").format(
                post=rows[key], trouble=workflow.NotReady(found)
            )
        )
    filing.write(back, at=at, by=by)
    return easy


for _kind in FILING:
    undo.register(VERB.format(_kind))(_unfile)
