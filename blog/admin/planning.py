"""The calendar: what comes out, what expires, which drafts replace what readers see, and moving what lies ahead."""

from __future__ import annotations

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.models import Listing, Operation, Post
from blog.models.listing import NO_SCOPE
from blog.publishing import scheduling, undo
from blog.publishing.scheduling import DRAFT, EXPIRE, GO_LIVE, WHAT

from . import access
from .dates import moment as first_instant
from .moments import Moment, in_both

MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST = 500  # of one kind a month; a blog that publishes more has its list
SHOWN = 6  # a day; the rest is folded
READ = (
    "title", "status", "published_at", "expires_at", "draft", "draft_at", "created_by", "trashed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One thing that happens with a post. `move` is the address where it can be moved, empty where it can't."""

    post: int
    title: str
    what: str
    at: datetime
    kind: str
    says: str
    form: str
    move: str = ""


@dataclass
class Day:
    date: date
    inside: bool  # of the month that is shown
    today: bool
    entries: list[Entry] = field(default_factory=list)

    @property
    def first(self) -> list[Entry]:
        return self.entries[:SHOWN]

    @property
    def rest(self) -> list[Entry]:
        return self.entries[SHOWN:]


def urls(model_admin: Any) -> list[URLPattern]:
    guarded = model_admin.admin_site.admin_view

    def month(request: HttpRequest) -> HttpResponse:
        return month_view(model_admin, request, at=timezone.now())

    def move(request: HttpRequest, object_id: int) -> HttpResponse:
        return move_view(model_admin, request, object_id, at=timezone.now())

    @require_POST
    def take_back(request: HttpRequest, operation: int) -> HttpResponse:
        return undo_view(request, operation, at=timezone.now())

    return [
        path("calendar/", guarded(month), name="blog_post_calendar"),
        path("calendar/undo/<int:operation>/", guarded(take_back), name="blog_post_move_undo"),
        path("<int:object_id>/move/", guarded(move), name="blog_post_move"),
    ]


# --- A month


def month_view(model_admin: Any, request: HttpRequest, *, at: datetime) -> HttpResponse:
    """A month as a table of weeks. A handful of queries, however many posts there are.

    Raises:
        PermissionDenied: the user works on no posts.
        Http404: the address names no month.
    """
    if not model_admin.has_view_or_change_permission(request):
        raise PermissionDenied
    today = timezone.localtime(at).date()
    year, month = _month_of(request.GET.get("month", ""), today)
    weeks, capped = weeks_of(model_admin, request, year, month, at=at)
    first = date(year, month, 1)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Calendar"),
        "opts": model_admin.opts,
        "month": first,
        "before": _shift(first, -1),
        "after": _shift(first, 1),
        "today": today,
        "weeks": weeks,
        "weekdays": [day.date for day in weeks[0]],
        "planned": sum(len(day.entries) for week in weeks for day in week if day.inside),
        "capped": capped,
        "zone": timezone.get_current_timezone_name(),
        "undo": _undoable(request, at),
    }
    return render(request, "admin/blog/post/calendar.html", context)


def _month_of(text: str, today: date) -> tuple[int, int]:
    if not text:
        return today.year, today.month
    found = MONTH.fullmatch(text)
    if not found or not 1970 <= int(found[1]) < 2999 or not 1 <= int(found[2]) <= 12:
        raise Http404(_("There is no such month."))
    return int(found[1]), int(found[2])


def _shift(first: date, months: int) -> date | None:
    """The first day of another month, None where the calendar ends."""
    number = first.year * 12 + first.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, 1) if 1970 <= year < 2999 else None


def weeks_of(
    model_admin: Any, request: HttpRequest, year: int, month: int, *, at: datetime
) -> tuple[list[list[Day]], bool]:
    """The weeks that the month touches, with what happens on each day, and whether there was more than is shown."""
    today = timezone.localtime(at).date()
    grid = calendar.Calendar((int(get_format("FIRST_DAY_OF_WEEK")) - 1) % 7).monthdatescalendar(year, month)
    weeks = [[Day(day, day.month == month, day == today) for day in week] for week in grid]
    days = {day.date: day for week in weeks for day in week}
    start, last = grid[0][0], grid[-1][-1]
    since = first_instant(start.year, start.month) + timedelta(days=start.day - 1)
    until = first_instant(last.year, last.month) + timedelta(days=last.day)
    capped = False
    # The bounds are a day wide: where clocks change, a day is not 24 hours.
    since, until = since - timedelta(hours=3), until + timedelta(hours=3)
    for what in WHAT:
        rows = list(_happening(model_admin.get_queryset(request), what, since, until)[: MOST + 1])
        capped = capped or len(rows) > MOST
        for post in rows[:MOST]:
            when = getattr(post, what)
            if day := days.get(timezone.localtime(when).date()):
                day.entries.append(_entry(model_admin, request, post, what, at))
    for day in days.values():
        day.entries.sort(key=lambda entry: (entry.at, entry.post, entry.what))
    return weeks, capped


def _happening(posts: Any, what: str, since: datetime, until: datetime) -> Any:
    """Posts with which that happens between two instants: each of the three is a range of an index."""
    posts = posts.only(*READ).select_related(None)
    if what == EXPIRE:
        ends = Listing.objects.filter(NO_SCOPE, expires_at__gte=since, expires_at__lt=until)
        return posts.filter(status=Post.Status.PUBLISHED, pk__in=ends.values("post_id")).order_by(
            "expires_at", "pk"
        )
    within = posts.filter(**{f"{what}__gte": since, f"{what}__lt": until}).order_by(what, "pk")
    if what == DRAFT:
        return within.filter(draft__isnull=False)
    return within.filter(status__in=[Post.Status.PUBLISHED, Post.Status.DRAFT, Post.Status.REVIEW])


def _entry(model_admin: Any, request: HttpRequest, post: Post, what: str, at: datetime) -> Entry:
    when = getattr(post, what)
    kind, says = _kind(post, what, past=when <= at)
    movable = scheduling.planned(post, what, at) and model_admin.has_publish_permission(request, post)
    return Entry(
        post=post.pk,
        title=post.title,
        what=what,
        at=when,
        kind=kind,
        says=says,
        form=reverse("admin:blog_post_change", args=[post.pk]),
        move=f"{reverse('admin:blog_post_move', args=[post.pk])}?what={what}" if movable else "",
    )


def _kind(post: Post, what: str, *, past: bool) -> tuple[str, str]:
    """A word for the looks, and words for reading."""
    if what == EXPIRE:
        return ("expired", _("Expired")) if past else ("expires", _("Expires"))
    if what == DRAFT:
        return "change", _("New version")
    if post.status != Post.Status.PUBLISHED:
        return "wish", _("Draft, not scheduled")
    return ("live", _("Published")) if past else ("scheduled", _("Goes live"))


# --- Moving


class MoveForm(forms.Form):
    when = Moment()
    was = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box: Any = self.fields["when"]
        box.label = _("Date and time")
        for words, part in zip((_("Date"), _("Time")), box.widget.widgets, strict=True):
            part.attrs["aria-label"] = words

    def clean_was(self) -> datetime | None:
        try:
            return parse_datetime(self.cleaned_data["was"]) if self.cleaned_data["was"] else None
        except ValueError:
            return None


def move_view(model_admin: Any, request: HttpRequest, object_id: int, *, at: datetime) -> HttpResponse:
    """Asks for the new instant, and moves. A date in the address, as from a drop on a day, is offered.

    Raises:
        PermissionDenied: the user may not publish this post.
        Http404: there is no such post, or nothing of it that could be moved.
    """
    post = model_admin.get_object(request, str(object_id)) if object_id < 2**63 else None
    if post is None:
        raise Http404(_("There is no such post; perhaps it was deleted."))
    access.demand_publish(request.user, post)
    what = request.POST.get("what") or request.GET.get("what", "")
    if what not in WHAT:
        raise Http404(_("There is nothing of that name to move."))
    now_at = scheduling.planned(post, what, at)
    if now_at is None:
        messages.warning(request, _("“{post}” has nothing of that kind ahead any more.").format(post=post))
        return HttpResponseRedirect(reverse("admin:blog_post_calendar"))
    form = MoveForm(request.POST or None, initial=_offered(now_at, request.GET.get("date", "")))
    if request.method == "POST" and form.is_valid():
        when, was = form.cleaned_data["when"], form.cleaned_data["was"]
        try:
            done = scheduling.move(post, what, when, at=at, by=request.user, was=was)
        except scheduling.CannotMove as refusal:
            form.add_error("when", str(refusal))
        else:
            return _moved(request, post, what, when, done)
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Move “{post}”").format(post=post),
        "opts": model_admin.opts,
        "post": post,
        "form": form,
        "what": what,
        "says": _kind(post, what, past=False)[1],
        "now_at": in_both(now_at),
        "back": _calendar(now_at),
        "media": model_admin.media + form.media,
    }
    return render(request, "admin/blog/post/move.html", context)


def _offered(now_at: datetime, day: str) -> dict[str, Any]:
    """The present instant, or its time on the day that was named."""
    local = timezone.localtime(now_at)
    offered: Any = now_at
    if DAY.fullmatch(day):
        with suppress(ValueError):
            offered = [date.fromisoformat(day), f"{local:%H:%M:%S}"]
    return {"when": offered, "was": now_at.isoformat()}


def _moved(request: HttpRequest, post: Post, what: str, when: datetime, done: Operation) -> HttpResponse:
    says = {
        GO_LIVE: _("“{post}” goes live on {when}."),
        EXPIRE: _("“{post}” expires on {when}."),
        DRAFT: _("The draft of “{post}” goes live on {when}."),
    }[what]
    messages.success(request, says.format(post=post, when=in_both(when)))
    return HttpResponseRedirect(f"{_calendar(when)}&done={done.pk}")


def _calendar(when: datetime) -> str:
    return f"{reverse('admin:blog_post_calendar')}?month={date_format(timezone.localtime(when), 'Y-m')}"


# --- Taking back


def _undoable(request: HttpRequest, at: datetime) -> Operation | None:
    """The move that this page is told to offer back, if it is the user's own."""
    text = request.GET.get("done", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    found = _own_moves(request).filter(pk=int(text)).first()
    return found if found and found.undone_at is None and found.can_be_undone(at) else None


def _own_moves(request: HttpRequest) -> Any:
    return Operation.objects.filter(verb=scheduling.MOVED, who=request.user.pk)


def undo_view(request: HttpRequest, operation: int, *, at: datetime) -> HttpResponse:
    """Takes back a move of one's own, as long as its post may still be published by the user.

    Raises:
        Http404: there is no such move.
        PermissionDenied: the user may not publish that post any more.
    """
    found = _own_moves(request).filter(pk=operation).first() if operation < 2**63 else None
    if found is None:
        raise Http404(_("There is no such move."))
    post = Post.objects.filter(pk=found.inverse["post"]).first()
    access.demand_publish(request.user, post)
    try:
        with transaction.atomic():
            messages.success(request, undo.undo(found, at=at, by=request.user))
    except undo.Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(_calendar(datetime.fromisoformat(found.inverse["was"])))
