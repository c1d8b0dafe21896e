"""What an editor does with a post's words: save, draft on top, publish the draft, restore. Nobody's words are
overwritten unseen: a save from a form that was opened before somebody else's is merged with theirs.

Every verb takes the post's row under lock first, so that of two at the same instant the second sees the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from blog import markup
from blog.models import Post, Revision

from . import approvals, audit, contents, merging, revisions, sentences, successors, workers, workflow
from .contents import Content


class Conflict(Exception):
    """Both changed the same places; nothing is written. `merge` has what goes together already, and the clashes."""

    def __init__(self, merge: merging.Merge, *, base: int, theirs: int) -> None:
        super().__init__(f"version {theirs} has changed what was typed from version {base}")
        self.merge, self.base, self.theirs = merge, base, theirs


@dataclass(frozen=True)
class Saved:
    """`taken` are the fields in which changes that others had saved meanwhile were taken over."""

    post: Post
    taken: list[str] = field(default_factory=list)
    on_top: bool = False


@transaction.atomic
def save(
    post: Post,
    content: Content,
    *,
    at: datetime,
    by: Any,
    seen: int | None = None,
    on_top: bool = False,
    withdraw: bool = False,
    minor: bool = False,
    notable: str = "",
    choices: Mapping[str, str] | None = None,
    rendered: Post | None = None,
) -> Saved:
    """Saves what a form says of a post; a post without a key is new.

    Args:
        seen: the version that the form was filled from; None asks for no merge.
        on_top: keep what readers see, and lay this over it as a draft. Only of a published post; a post that carries a
            draft already is always saved so, and so are words that lack the approvals that their categories ask for.
        withdraw: take it from its readers with this save, whatever it lacks.
        choices: how clashes are decided, see `merging.merge`.
        rendered: a row with the same text, whose rendering is taken over.

    Raises:
        Conflict: somebody else has changed the same places since; nothing is saved.
        markup.RenderRefused: the text can't be rendered; nothing is saved.
    """
    if post.pk is None:
        fresh, taken = Post(created_by=by if by and by.pk else None), []
    else:
        fresh = locked(post)
        if (
            fresh.draft_at and fresh.draft_at <= at
        ):  # no worker was there: readers get what they were promised
            _bring_out(fresh, at=at)
            fresh = locked(post)
        content, taken = _merged(fresh, content, seen, choices)
    note = ""
    if withdraw and fresh.status == Post.Status.PUBLISHED:
        fresh.status, note = Post.Status.WITHDRAWN, _("Withdrawn.")
    published = fresh.pk is not None and fresh.status == Post.Status.PUBLISHED
    if published and (on_top or fresh.draft_id or approvals.must_wait(fresh, content, by=by)):
        _lay_on_top(fresh, content, at=at, by=by)
        return Saved(fresh, taken, on_top=True)
    _write(fresh, content, at=at, by=by, minor=minor, notable=notable, rendered=rendered, note=note)
    return Saved(fresh, taken)


def locked(post: Post) -> Post:
    """The row as it is now, ours until the transaction ends.

    Its draft is read afterwards: a join waits with the row, and then has only drafts from before it waited, so that one
    laid on top meanwhile would be taken for none."""
    return Post.objects.select_for_update(of=("self",)).prefetch_related("draft").get(pk=post.pk)


def look(post: Post, content: Content, seen: int) -> merging.Merge:
    """What a save of this content, typed from version `seen`, would become: nothing is written or locked."""
    stored = Post.objects.select_related("draft").get(pk=post.pk)
    return merging.Merge(content) if seen == stored.version else _merge(stored, content, seen, None)


def _merged(
    post: Post, content: Content, seen: int | None, choices: Mapping[str, str] | None
) -> tuple[Content, list[str]]:
    if seen is None or seen == post.version:
        return content, []
    merge = _merge(post, content, seen, choices)
    if merge.clashes:
        raise Conflict(merge, base=seen, theirs=post.version)
    return merge.content, merge.taken


def _merge(post: Post, content: Content, seen: int, choices: Mapping[str, str] | None) -> merging.Merge:
    theirs, kept = contents.head(post), revisions.at_version(post, seen)
    return (
        merging.merge(kept.content, theirs, content, choices)
        if kept
        else _strangers(theirs, content, choices)
    )


def _strangers(theirs: Content, mine: Content, choices: Mapping[str, str] | None) -> merging.Merge:
    """A merge without a common ancestor: every field in which they differ is a clash."""
    done = merging.Merge(dict(mine))
    for name in contents.differs(theirs, mine):
        clash = merging.Clash(name, None, theirs[name], mine[name])
        choice = (choices or {}).get(clash.key)
        if choice is None:
            done.clashes.append(clash)
        else:
            done.content[name] = clash.decided(choice)
    return done


def _write(
    post: Post,
    content: Content,
    *,
    at: datetime,
    by: Any,
    minor: bool = False,
    notable: str = "",
    rendered: Post | None = None,
    note: str = "",
    patient: bool = False,
) -> None:
    if post.pk:
        revisions.record(post, at=post.updated_at)  # what older code or a command may have left unkept
    post.draft, post.draft_at = None, None
    if post.status == Post.Status.PUBLISHED and not content["published_at"]:
        content = content | {
            "published_at": contents.stamp(post.published_at)
        }  # it has one, whatever was typed
    content = successors.held(content)
    contents.fill(post, content)
    if rendered is not None:
        post.adopt_rendering(rendered)
    related = contents.relations(content)
    workflow.write(post, at=at, by=by, note=note, minor=minor, notable=notable, patient=patient, **related)


def _lay_on_top(post: Post, content: Content, *, at: datetime, by: Any, note: str = "") -> None:
    """The post's version goes up, its words and its date of change stay."""
    revisions.record(post, at=post.updated_at)
    post.version += 1
    post.draft = Revision.objects.create(
        post=post, number=post.version, kind=Revision.Kind.DRAFT, status=post.status, content=content,
        made_at=at, made_by=by, note=note,
    )  # fmt: skip
    Post.objects.filter(pk=post.pk).update(version=post.version, draft=post.draft)
    audit.record(
        "post.draft_saved", post, by=by, at=at, version=post.version, **({"note": note} if note else {})
    )


def trial(
    post: Post,
    content: Content,
    *,
    at: datetime,
    minor: bool = False,
    notable: str = "",
    rendered: Post | None = None,
) -> Post:
    """Writes the content as if it were a draft's, for a transaction that its caller rolls back: what the page would be.

    Raises:
        markup.RenderRefused: the text can't be rendered.
    """
    shown = locked(post) if post.pk else Post()
    shown.status = Post.Status.DRAFT  # it may be as unfinished as a draft
    _write(shown, content, at=at, by=None, minor=minor, notable=notable, rendered=rendered)
    return shown


@transaction.atomic
def publish_draft(
    post: Post, *, at: datetime, by: Any = None, rendered: Post | None = None, patient: bool = False
) -> Post:
    """Lets readers see the draft on top; a post without one is left alone. For `patient` see `workflow.publish`.

    Raises:
        workflow.NotReady: a blocking rule fails; the draft stays on top.
    """
    post = locked(post)
    if post.draft is None:
        return post
    workflow.demand_approvals(post, by=by, at=at)
    content, number = post.draft.content, post.draft.number
    note = _("The draft of version {number} was published.").format(number=number)
    _write(post, content, at=at, by=by, note=note, rendered=rendered, patient=patient)
    return post


@transaction.atomic
def schedule_draft(post: Post, when: datetime | None, *, by: Any, at: datetime | None = None) -> Post:
    """The draft on top is to replace what readers see at `when`; None takes the appointment back.

    Raises:
        workflow.NotReady: a blocking rule fails as the draft stands, or reviewers have not approved it.
    """
    from .tasks import publish_due_drafts

    post = locked(post)
    if post.draft is None:
        return post
    if when is not None:
        check_draft(post)
        workflow.demand_approvals(post, by=by, at=at or post.updated_at)
        transaction.on_commit(lambda: publish_due_drafts.using(run_after=when).enqueue())
    post.draft_at = when
    Post.objects.filter(pk=post.pk).update(draft_at=when)
    workers.wake()
    verb, said = (
        ("post.draft_scheduled", {"to": when.isoformat()}) if when else ("post.draft_unscheduled", {})
    )
    audit.record(verb, post, by=by, at=at or post.updated_at, version=post.version, **said)
    return post


def check_draft(post: Post) -> None:
    """Raises workflow.NotReady where the draft on top could not be published. It is written and rolled back."""
    if post.draft is None:
        return
    with transaction.atomic():
        trial = locked(post)
        _write(trial, contents.head(trial), at=post.published_at or post.updated_at, by=None)
        transaction.set_rollback(True)


@transaction.atomic
def discard_draft(post: Post, *, at: datetime | None = None, by: Any = None) -> Post:
    """Takes the draft off; it stays in the history. Without an instant it is nobody's deed, but a part of another.

    What the post says without it is a version of its own: a form that was filled from the draft is merged with that,
    and can't bring the draft out to readers by chance."""
    post = locked(post)
    former = post.draft
    post.draft, post.draft_at = None, None
    Post.objects.filter(pk=post.pk).update(draft=None, draft_at=None)
    if at and former:
        audit.record("post.draft_discarded", post, by=by, at=at, version=former.number)
        note = _("The draft of version {number} was discarded.").format(number=former.number)
        revisions.record_change([post.pk], at=at, by=by, note=note)
        post.version += 1
    return post


@transaction.atomic
def restore(
    post: Post, revision: Revision, *, at: datetime, by: Any, fields: list[str] | None = None
) -> Saved:
    """Brings back a revision, whole or some of its fields, as a new save; of a published post as a draft on top.

    Raises:
        markup.RenderRefused: its text can't be rendered any more; nothing is saved.
    """
    post = locked(post)
    now = contents.head(post)
    names = contents.LABELS if fields is None else [name for name in fields if name in contents.LABELS]
    content = now | {name: revision.content[name] for name in names if name in revision.content}
    if fields is None:
        for kept in ("published_at", "expires_at"):  # an appointment is not a word
            content[kept] = now[kept]
    if fields:
        what = ", ".join(str(contents.LABELS[name]) for name in names)
        note = _("Version {number} was restored: {fields}.").format(number=revision.number, fields=what)
    else:
        note = _("Version {number} was restored.").format(number=revision.number)
    if post.status == Post.Status.PUBLISHED:
        _lay_on_top(post, content, at=at, by=by, note=note[:300])
        return Saved(post, on_top=True)
    _write(post, content, at=at, by=by, note=note[:300])
    return Saved(post)


@transaction.atomic
def set_aside(post: Post, content: Content, *, seen: int, at: datetime, by: Any) -> Revision:
    """Keeps words that clashed, until somebody decides."""
    return Revision.objects.create(
        post=post,
        number=seen,
        kind=Revision.Kind.ASIDE,
        status=post.status,
        content=content,
        made_at=at,
        made_by=by,
    )


DUE_AT_ONCE = 100  # drafts that one transaction brings out


def publish_due(*, at: datetime, hold: Callable[[], None] = lambda: None) -> int:
    """Publishes every draft whose appointment has come at the instant `at`, all in one transaction; returns how many.
    One that can't be published any more stays on top, without an appointment and with a note in the history that says
    why. `hold` is called when all is written, before it is committed."""
    due = Post.objects.kept().filter(draft_at__lte=at, draft__isnull=False).order_by("draft_at", "pk")
    # Before any row is locked: it takes longer than all the rest. Locks are taken in the order of keys, as everywhere.
    ready = sorted(
        ((post.pk, _rendered(post.draft)) for post in due.select_related("draft")[:DUE_AT_ONCE]),
        key=itemgetter(0),
    )
    with transaction.atomic():
        done = sum(_bring_out(Post(pk=pk), at=at, rendered=rendered) for pk, rendered in ready)
        if ready:
            hold()
    return done


def _rendered(draft: Revision | None) -> Post | None:
    """A row in memory with the draft's text rendered; None where it can't be, which publishing will say."""
    words = Post(body=draft.content["body"], language=draft.content["language"]) if draft else None
    try:
        return words if words and words.render() else None
    except markup.RenderRefused:
        return None


def _bring_out(post: Post, *, at: datetime, rendered: Post | None = None) -> bool:
    """Publishes the draft of the post if its appointment has come; whether it did. Without a deed of anybody's."""
    late = locked(post)
    if not late.draft or not late.draft_at or late.draft_at > at or late.trashed_at:
        return False
    try:
        publish_draft(late, at=at, rendered=rendered)
    except (workflow.NotReady, markup.RenderRefused, IntegrityError) as lacking:
        Revision.objects.filter(pk=late.draft.pk).update(
            note=_("Not published in time: {lacking}").format(lacking=sentences.of(lacking))[:300]
        )
        Post.objects.filter(pk=late.pk).update(draft_at=None)
        return False
    return True
