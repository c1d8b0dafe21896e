"""One change to many posts, each through the verbs that a form would use, and one operation to take it all back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog import markup
from blog.models import Operation, Post

from . import contents, editing, rules, tagging, trash, undo, workflow
from .contents import Content

MOST = 500
"""Posts that one operation takes."""

LEVEL, PUBLISH, SCHEDULE, WITHDRAW, TRASH = "level", "publish", "schedule", "withdraw", "trash"
ADD_CATEGORIES, REMOVE_CATEGORIES = "add_categories", "remove_categories"
ADD_TAGS, REMOVE_TAGS, ADD_AUTHORS = "add_tags", "remove_tags", "add_authors"
FILING = (LEVEL, ADD_CATEGORIES, REMOVE_CATEGORIES, ADD_TAGS, REMOVE_TAGS, ADD_AUTHORS)
LIVING = (PUBLISH, SCHEDULE, WITHDRAW, TRASH)
VERB = "posts.{}"


class Refusal(Exception):
    """This post stays as it is; `str()` says why."""


@dataclass
class Outcome:
    """What became of each post: `done`, `same` (it was so already) or `failed`, with a sentence; `lacking` has, by key,
    what the publish rules say of those that failed for it."""

    done: list[Post] = field(default_factory=list)
    same: list[Post] = field(default_factory=list)
    failed: list[tuple[Post, str]] = field(default_factory=list)
    lacking: dict[int, list[rules.Finding]] = field(default_factory=dict)
    operation: Operation | None = None


@transaction.atomic
def carry_out(
    kind: str,
    keys: Iterable[int],
    value: Any = None,
    *,
    named: str = "",
    at: datetime,
    by: Any,
    allowed: Callable[[Post], bool] = lambda post: True,
) -> Outcome:
    """Changes the posts with these keys, at most `MOST`. A post that can't be changed is left out and told of; the
    others are changed all the same.

    Args:
        kind: one of FILING or LIVING.
        value: the key of a level, keys of categories or authors in their order, names of tags, or the instant of a
            schedule (aware).
        named: what `value` is called, for the sentence.
        allowed: whether the user may do that to a post.

    Raises:
        ValueError: the kind is unknown, or there are too many posts.
    """
    chosen = sorted(set(keys))
    if kind not in (*FILING, *LIVING) or len(chosen) > MOST:
        raise ValueError(f"{kind} of {len(chosen)} posts")
    outcome, records = Outcome(), []
    posts = Post.objects.select_for_update(of=("self",)).select_related("draft").filter(pk__in=chosen)
    for post in posts.order_by("pk"):
        try:
            with transaction.atomic():
                if not allowed(post):
                    raise Refusal(_("Your account may not do this with it."))
                if post.trashed_at:
                    raise Refusal(_("It is in the trash."))
                record = (
                    _file(post, kind, value, at, by) if kind in FILING else _live(post, kind, value, at, by)
                )
        except Refusal as refusal:
            outcome.failed.append((post, str(refusal)))
        except workflow.NotReady as refusal:
            outcome.failed.append((post, str(refusal)))
            outcome.lacking[post.pk] = refusal.findings
        except markup.RenderRefused as refusal:
            outcome.failed.append((post, str(refusal)))
        except ValidationError as refusal:
            outcome.failed.append((post, " ".join(refusal.messages)))
        except IntegrityError:
            outcome.failed.append((post, _("Something that it was to be given is gone meanwhile.")))
        else:
            (outcome.done if record else outcome.same).append(post)
            records += [record] if record else []
    if records:
        sentence = SENTENCES[kind].format(counted(len(records)), named)
        outcome.operation = undo.remember(VERB.format(kind), sentence, {"posts": records}, at=at, by=by)
    return outcome


def counted(posts: int) -> str:
    return ngettext("{number} post", "{number} posts", posts).format(
        number=number_format(posts, force_grouping=True)
    )


SENTENCES = {
    LEVEL: gettext_lazy("{0} set to {1}."),
    ADD_CATEGORIES: gettext_lazy("{0} filed under {1}."),
    REMOVE_CATEGORIES: gettext_lazy("{0} taken out of {1}."),
    ADD_TAGS: gettext_lazy("{0} tagged {1}."),
    REMOVE_TAGS: gettext_lazy("{0} no longer tagged {1}."),
    ADD_AUTHORS: gettext_lazy("{1} named as author of {0}."),
    PUBLISH: gettext_lazy("{0} published."),
    SCHEDULE: gettext_lazy("{0} scheduled for {1}."),
    WITHDRAW: gettext_lazy("{0} withdrawn."),
    TRASH: gettext_lazy("{0} moved to the trash."),
}


# --- What stands around the words


def _file(post: Post, kind: str, value: Any, at: datetime, by: Any) -> dict[str, Any] | None:
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
        wanted = {tag.lower(): tag for tag in tagging.resolved(value)}
        others = {tag.lower(): tag for tag in content["tags"]}
        kept = wanted | others if kind == ADD_TAGS else {k: t for k, t in others.items() if k not in wanted}
        new = sorted(kept.values())
    return {name: new} if new != content[name] else {}


# --- What readers see of it


def _live(post: Post, kind: str, value: Any, at: datetime, by: Any) -> dict[str, Any] | None:
    """Publishes, schedules, withdraws or throws away; returns how to take that back, None where it was so already."""
    before = {"status": post.status, "published_at": contents.stamp(post.published_at)}
    if kind == TRASH:
        post = trash.put(post, at=at, by=by)
    elif kind == WITHDRAW:
        if post.status == Post.Status.WITHDRAWN:
            return None
        if post.status != Post.Status.PUBLISHED:
            raise Refusal(_("It was not published."))
        workflow.withdraw(post, at=at, by=by)
    elif post.is_live(at) and (kind == SCHEDULE or post.draft):
        raise Refusal(
            _("Readers see it already; its draft is published from its own form.")
            if post.draft
            else _("Readers see it already.")
        )
    elif kind == PUBLISH and post.is_live(at):
        return None
    else:
        workflow.publish(post, at=at, when=value if kind == SCHEDULE else None, by=by)
    return {"post": post.pk, "version": post.version, **before}


# --- Taking it back


def _untouched(inverse: dict[str, Any], *, in_trash: bool = False) -> list[tuple[Post, dict[str, Any]]]:
    """The posts, their rows locked, each with its record.

    Raises:
        undo.Refused: one of them has been changed since, thrown away, or deleted for good.
    """
    records = {record["post"]: record for record in inverse["posts"]}
    rows = Post.objects.select_for_update(of=("self",)).select_related("draft").filter(pk__in=records)
    posts = list(rows.order_by("pk"))
    changed = [
        post.title
        for post in posts
        if post.version != records[post.pk]["version"] or bool(post.trashed_at) != in_trash
    ]
    if changed:
        raise undo.Refused(_("Not undone: {names} changed since.").format(names=undo.listed(changed)))
    if len(posts) < len(records):
        gone = len(records) - len(posts)
        raise undo.Refused(_("Not undone: {posts} deleted for good since.").format(posts=counted(gone)))
    return [(post, records[post.pk]) for post in posts]


def _unfile(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = _untouched(inverse)
    for post, record in posts:
        try:
            refile(post, record["was"], record["draft_was"], at=at, by=by)
        except (Refusal, workflow.NotReady, markup.RenderRefused, IntegrityError) as trouble:
            raise undo.Refused(
                _("Not undone: “{post}” can't be put back. {trouble}").format(post=post, trouble=trouble)
            ) from None
    return _("{posts} put back as before.").format(posts=counted(len(posts)))


def _unlive(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = _untouched(inverse)
    for post, record in posts:
        post.status, post.published_at = record["status"], contents.instant(record["published_at"])
        try:
            with transaction.atomic():
                workflow.save(post, at=at)
        except IntegrityError:
            raise undo.Refused(
                _("Not undone: “{post}” would expire before it is published.").format(post=post)
            ) from None
        workflow.settle(post, at=at, by=by, note=_("Put back as it was before."), verb="post.put_back")
    return _("{posts} put back as before.").format(posts=counted(len(posts)))


def _restore(inverse: dict[str, Any], *, at: datetime, by: Any) -> str:
    posts = _untouched(inverse, in_trash=True)
    told = [trash.restore(post, at=at, by=by) for post, _ in posts]
    others = [said for post, said in told if said != trash.AS_IT_WAS.format(post=post)]
    return " ".join([_("{posts} restored from the trash.").format(posts=counted(len(posts))), *others[:20]])


for _kind in FILING:
    undo.register(VERB.format(_kind))(_unfile)
for _kind in (PUBLISH, SCHEDULE, WITHDRAW):
    undo.register(VERB.format(_kind))(_unlive)
undo.register(VERB.format(TRASH))(_restore)
