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
from blog.models import Author, Category, LearningLevel, Operation, Post

from . import approvals, contents, editing, filing, rules, sentences, tagging, trash, undo, workflow
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
    outcome, records, plain = Outcome(), [], []
    if kind in FILING:
        records += _file_plain(kind, chosen, value, outcome, at=at, by=by, allowed=allowed)
        plain = [one.pk for one in (*outcome.done, *outcome.same, *(post for post, _ in outcome.failed))]
    posts = Post.objects.select_for_update(of=("self",)).select_related("draft").filter(pk__in=chosen)
    for post in posts.exclude(pk__in=plain).order_by("pk"):
        try:
            with transaction.atomic():
                _demand(post, allowed)
                record = (
                    _file(post, kind, value, at, by) if kind in FILING else _live(post, kind, value, at, by)
                )
        except Refusal as refusal:
            outcome.failed.append((post, str(refusal)))
        except workflow.NotReady as refusal:
            outcome.failed.append((post, str(refusal)))
            outcome.lacking[post.pk] = refusal.findings
        except markup.RenderRefused as refusal:
            outcome.failed.append((post, sentences.of(refusal)))
        except ValidationError as refusal:
            outcome.failed.append((post, " ".join(refusal.messages)))
        except IntegrityError:
            outcome.failed.append((post, str(GONE)))
        else:
            (outcome.done if record else outcome.same).append(post)
            records += [record] if record else []
    for told in (outcome.done, outcome.same):
        told.sort(key=lambda post: post.pk)
    outcome.failed.sort(key=lambda one: one[0].pk)
    if records:
        sentence = SENTENCES[kind].format(counted(len(records)), named)
        outcome.operation = undo.remember(VERB.format(kind), sentence, {"posts": records}, at=at, by=by)
    return outcome


GONE = gettext_lazy("Something that it was to be given is gone meanwhile.")


def _demand(post: Post, allowed: Callable[[Post], bool]) -> None:
    if not allowed(post):
        raise Refusal(_("Your account may not do this with it."))
    if post.trashed_at:
        raise Refusal(_("It is in the trash."))


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


def _file_plain(
    kind: str, keys: list[int], value: Any, outcome: Outcome, *, at: datetime, by: Any, allowed: Any
) -> list[dict[str, Any]]:
    """Files those of the posts that need no care of their own, all at once; tells `outcome` of each and returns how to
    take it back. The others are not told of."""
    around = contents.around()
    rows = Post.objects.select_for_update(of=("self",)).filter(pk__in=keys, draft=None).annotate(**around)
    posts, live, changes = list(rows.order_by("pk")), {}, {}
    value = tagging.resolved(value) if kind in (ADD_TAGS, REMOVE_TAGS) else value
    for post in posts:
        live[post.pk] = contents.gathered(post, {name: getattr(post, name) for name in around})
        changes[post.pk] = _changed(live[post.pk], kind, value)
    after = {pk: [content, content | changes[pk]] for pk, content in live.items()}
    easy, wanted = _plain(posts, after, by), []
    for post in posts:
        if post.pk not in easy:
            continue
        try:
            _demand(post, allowed)
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
        workflow.publish(post, at=at, when=value if kind == SCHEDULE else None, by=by, patient=True)
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
