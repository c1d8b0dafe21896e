"""The admin's first page: what waits for the one who looks, what is planned, and what has begun to need care.

Every box is one short query, whatever the number of posts; none renders a text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blog.models import Approval, Comment, Event, Figure, Post, Showing, WorkingCopy
from blog.models.live import within
from blog.publishing import rules, sentences

from . import access
from .base import form_of
from .deeds import in_words
from .state import describe, moment

SHOWN = 6  # lines of a box
PLANNED = 10
LOOKED_AT = 300  # of the newest published and scheduled posts, for what is noted against them
SHORT = 12  # characters; an alternative text below that hardly says what is to be seen
# What is needed of a post to name it and to say its state.
NAMED = ("title", "status", "published_at", "expires_at", "updated_at", "draft", "draft_at")


@dataclass(frozen=True)
class Line:
    """Something to go on to, and what is said of it."""

    url: str
    title: str
    said: str = ""
    key: str = ""  # of the keyboard, where one leads there


@dataclass(frozen=True)
class Box:
    """`empty` is said where there is no line, `more` leads to all there are."""

    key: str
    title: str
    lines: list[Line]
    empty: str
    more: str = ""
    more_label: str = ""


def context(request: HttpRequest) -> dict[str, Any]:
    """What the page shows beside the stock's list of everything."""
    user: Any = request.user
    return {"boxes": boxes(user, timezone.now()), "ways": ways(user)}


def boxes(user: Any, at: datetime) -> list[Box]:
    """Those boxes that are the user's business, the urgent ones first; ten queries at most."""
    if not (user.has_perm("blog.change_post") or user.has_perm("blog.view_post")):
        return [activity(user)] if user.has_perm("blog.view_event") else []
    shown = [mine(user, at)]
    if user.has_perm("blog.review_post"):
        shown.append(waiting(user))
    shown += [comments(user), planned(user, at)]
    if user.has_perm("blog.edit_any_post"):
        shown += [failing(at), *([stale(user, at)] if settings.AGE_NOTICE_YEARS else [])]
        if user.has_perm("blog.change_figure"):
            shown.append(wordless(at))
    return [*shown, activity(user)]


def ways(user: Any) -> list[Line]:
    """Where one goes most often."""
    posts = reverse("admin:blog_post_changelist")
    found = []
    if user.has_perm("blog.add_post"):
        found.append(Line(reverse("admin:blog_post_add"), _("Write a post"), key="n"))
    if user.has_perm("blog.change_post") or user.has_perm("blog.view_post"):
        found += [
            Line(f"{posts}?state=draft", _("Drafts"), key="d"),
            Line(f"{posts}?state=review", _("In review"), key="r"),
            Line(f"{posts}?state=scheduled", _("Scheduled"), key="s"),
            Line(reverse("admin:blog_post_calendar"), _("Calendar"), key="c"),
        ]
    return found


def mine(user: Any, at: datetime) -> Box:
    """What the user has typed and not saved, then unfinished posts and drafts on top."""
    copies = WorkingCopy.objects.filter(user=user.pk, form__isnull=False, discarded_at=None)
    # Of the typed form, which holds the whole text, only the title; of the post no text either.
    titled = copies.annotate(typed_title=F("form__title__0"), post_title=F("post__title")).defer("form")
    unsaved = list(titled.order_by("-saved_at", "-id")[:SHOWN])
    kept = Post.objects.kept().filter(access.own(user))
    unfinished = kept.filter(Q(status__in=access.UNFINISHED) | Q(draft__isnull=False))
    posts = unfinished.only(*NAMED).order_by("-updated_at", "-id")[:SHOWN]
    lines = [_unsaved(one) for one in unsaved]
    typed = {one.post_id for one in unsaved}
    lines += [Line(form_of(post), named(post), _state(post, at)) for post in posts if post.pk not in typed]
    return Box(
        "mine", _("Mine"), lines[: SHOWN + 2],
        _("No draft of yours. “Write a post” begins one; nothing of it is public before it is published."),
        reverse("admin:blog_post_changelist") + "?state=draft", _("All drafts"),
    )  # fmt: skip


def _unsaved(copy: WorkingCopy) -> Line:
    typed, former = str(copy.typed_title or "").strip(), copy.post_title  # type: ignore[attr-defined]
    form = "admin:blog_post_change" if copy.post_id else "admin:blog_post_add"
    said = _("Unsaved changes from %(when)s") % {"when": moment(copy.saved_at)}
    url = reverse(form, args=[copy.post_id] if copy.post_id else []) + kept_as(copy)
    return Line(url, Truncator(typed or former or _("Untitled")).chars(120), said)


def kept_as(copy: WorkingCopy) -> str:
    """What follows the address of the form in which the copy is offered."""
    return "" if copy.post_id else f"?continue={copy.key}"


def _state(post: Post, at: datetime) -> str:
    state = describe(post, at)
    on_top = _("%(state)s, with a draft on top") % {"state": state} if post.draft_id else state
    return _("%(state)s, saved %(when)s") % {"state": on_top, "when": moment(post.updated_at)}


def waiting(user: Any) -> Box:
    """Posts in review that the user may judge and has not yet, the one that waits longest first."""
    handed = Comment.objects.filter(place=Comment.Place.NOTE, parent=None, resolved_at=None)
    judged = Approval.objects.filter(post=OuterRef("pk"), reviewer=user.pk, version=OuterRef("version"))
    asked = Q(status=Post.Status.REVIEW) | Q(draft__isnull=False, pk__in=handed.values("post"))
    posts = Post.objects.kept().filter(asked).exclude(access.own(user)).exclude(Exists(judged))
    listed = posts.only(*NAMED).order_by("updated_at", "id")[: SHOWN + 1]
    lines = [
        Line(
            reverse("admin:blog_post_review", args=[post.pk]),
            named(post),
            _("since %(when)s") % {"when": moment(post.updated_at)},
        )
        for post in listed
    ]
    return Box(
        "waiting", _("Waiting for me"), lines[:SHOWN],
        _("Nothing waits for your judgement."),
        reverse("admin:blog_post_changelist") + "?state=review", _("All in review"),
    )  # fmt: skip


def comments(user: Any) -> Box:
    """Open comments of others on the user's posts, and open conversations that the user began and others went on."""
    answers = Comment.objects.filter(parent=OuterRef("pk")).exclude(author=user.pk)
    own = Post.objects.order_by().filter(access.own(user)).values("pk")
    to_me = Q(post__in=own) & ~Q(author=user.pk) | Q(author=user.pk) & Exists(answers)
    unresolved = Comment.objects.filter(parent=None, resolved_at=None).exclude(place=Comment.Place.NOTE)
    listed = unresolved.filter(to_me, post__trashed_at=None).select_related("author")
    rows = listed.annotate(post_title=F("post__title")).order_by("-made_at", "-id")[:SHOWN]
    lines = [
        Line(
            reverse("admin:blog_post_review", args=[one.post_id]) + f"#comment-{one.pk}",
            Truncator(one.text).chars(100),
            _("%(who)s on “%(post)s”, %(when)s")
            % {
                "who": one.author or "–",
                "post": Truncator(one.post_title).chars(60),
                "when": moment(one.made_at),
            },
        )
        for one in rows
    ]
    return Box("comments", _("Comments for me"), lines, _("Nobody waits for an answer from you."))


def planned(user: Any, at: datetime) -> Box:
    """The next posts to appear, and drafts on top to replace what readers see."""
    posts = access.listed(user, Post.objects.kept()).only(*NAMED)
    new = posts.filter(status=Post.Status.PUBLISHED, published_at__gt=at).order_by("published_at", "id")[
        :PLANNED
    ]
    changes = posts.filter(draft_at__isnull=False, draft__isnull=False).order_by("draft_at", "id")[:PLANNED]
    dated = [(post.published_at, post, "") for post in new]
    dated += [(post.draft_at, post, _("changes")) for post in changes]
    dated.sort(key=lambda row: (row[0], row[1].pk))
    lines = [
        Line(form_of(post), named(post), f"{moment(when)} ({what})" if what else moment(when))
        for when, post, what in dated[:PLANNED]
    ]
    return Box(
        "planned", _("Scheduled"), lines,
        _("Nothing is scheduled. A date in the future, and “Schedule” below a post, plan it to the second."),
        reverse("admin:blog_post_changelist") + "?state=scheduled", _("All scheduled"),
    )  # fmt: skip


def failing(at: datetime) -> Box:
    """Of the newest posts that are published or scheduled, those whose text has something noted against it that would
    keep it from being published today."""
    newest = Post.objects.kept().filter(status=Post.Status.PUBLISHED).order_by("-published_at", "-id")
    rows = newest.values_list("pk", "title", "facts__problems")[:LOOKED_AT]
    found = [(pk, title, _blocking(problems)) for pk, title, problems in rows]
    lines = [
        Line(reverse("admin:blog_post_change", args=[pk]), Truncator(title).chars(120), problems[0])
        for pk, title, problems in found
        if problems
    ]
    looked = ngettext(
        "The newest %(n)s post that is published or scheduled passes.",
        "The newest %(n)s posts that are published or scheduled pass.",
        len(found),
    ) % {"n": len(found)}
    return Box(
        "failing", _("Failing checks"), lines[:SHOWN], looked if found else _("Nothing is published yet.")
    )


def _blocking(problems: Iterable[dict[str, Any]] | None) -> list[str]:
    return [
        sentences.of_problem(one) for one in problems or () if rules.severity_of(one["code"]) == rules.BLOCK
    ]


def stale(user: Any, at: datetime) -> Box:
    """Live posts that readers are told are old, the oldest first."""
    years = settings.AGE_NOTICE_YEARS
    long_ago = at - timedelta(days=365.25 * years)
    old = Post.objects.live(at).filter(published_at__lt=long_ago)
    rows = old.filter(Q(changed_at=None) | Q(changed_at__lt=long_ago)).only(*NAMED, "changed_at")
    lines = [
        Line(
            form_of(post), named(post),
            _("unchanged since %(when)s") % {"when": moment(post.changed_at or post.published_at)},
        )
        for post in rows.order_by("published_at", "id")[:SHOWN]
    ]  # fmt: skip
    none = ngettext(
        "No live post has stood unchanged for %(n)s year.",
        "No live post has stood unchanged for %(n)s years.",
        years,
    )
    return Box("stale", _("Grown old"), lines, none % {"n": years})


def wordless(at: datetime) -> Box:
    """Figures that readers see and that say too little to those who don't: diagrams without a long description, and
    alternative texts of a word. Without any text no figure is ever kept."""
    silent = Q(graphic=True, long_description="", notation="") | Q(letters__lt=SHORT)
    shown = Showing.objects.filter(within(at), figure=OuterRef("pk"))
    rows = (
        Figure.objects.annotate(letters=Length("alt")).filter(silent, decorative=False).filter(Exists(shown))
    )
    lines = [
        Line(
            form_of(one), one.slug,
            _("alternative text of %(n)s characters") % {"n": one.letters}
            if one.letters < SHORT
            else _("no long description"),
        )
        for one in rows.only("slug").order_by("-id")[:SHOWN]
    ]  # fmt: skip
    return Box(
        "wordless", _("Figures that say too little"), lines,
        _("Every diagram that readers see has its long description."),
    )  # fmt: skip


def activity(user: Any) -> Box:
    """What happened last; for those who see their own posts only, what they did."""
    events = Event.objects.select_related("who")
    if user.has_perm("blog.change_post") or not user.has_perm("blog.view_event"):
        # Who signed in, or tried to, is the operator's business; where no account was named, the kind is empty.
        events = events.exclude(kind="user").exclude(verb__startswith="login.")
    if not (user.has_perm("blog.view_post") or user.has_perm("blog.view_event")):
        events = events.filter(who=user.pk)
    rows = events.order_by("-at", "-id")[: SHOWN + 2]
    lines = [Line(_place(one), one.title or _("the site"), _deed(one)) for one in rows]
    return Box("activity", _("Lately"), lines, _("Nothing has happened yet; what is done here will be told."))


def _place(event: Event) -> str:
    return (
        reverse("admin:blog_post_change", args=[event.thing]) if event.kind == "post" and event.thing else ""
    )


def _deed(event: Event) -> str:
    who = event.who_name or _("the site")
    return _(", ").join([in_words(event.verb), who, moment(event.at)])


def named(post: Post) -> str:
    return Truncator(post.title).chars(120) or _("Untitled")
