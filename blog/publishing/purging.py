"""Which pages a CDN must forget after a change, and telling it so.

Triggers note what was touched (`models/touch.py`), in the transaction that touched it, whoever that was. A worker that
hears of the commit takes the notes away, says here by which keys the pages are known that look otherwise now, and
leaves a task that tells the CDN. `pages/cache/surrogates.py` says which keys a page bears.

A page that shows a thing leads to it, and so bears its key. What is left to find out is which pages *will* show a post
that they do not show yet: `around` asks for those.
"""

from __future__ import annotations

import calendar
import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django_tasks import task

from blog.models import (
    Address,
    Author,
    Category,
    Cursor,
    Figure,
    LearningLevel,
    LearningPath,
    Listing,
    Post,
    RelatedPost,
    Series,
    Showing,
    Tag,
    Touch,
    touch,
)
from blog.models.category import lineage
from blog.models.crossings import path_of
from blog.models.listing import page_rows, scoped
from blog.models.move import read_stamp
from blog.models.touch import key_of

from . import cdns, figure_uses
from .inbound import LINKING

MOST = 200
"""Posts or figures of which is asked one by one what will show them; beyond, all pages are purged."""
AGAIN = timedelta(seconds=5)
"""After which the same is purged once more: a page may have been on its way to the CDN, from a web process that had not
heard of the change or a standby that had not come to it."""
YOUNG = timedelta(days=300)
"""An age below which no post grows a year older."""
TRIES = 40
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=10)

logger = logging.getLogger(__name__)

Notes = dict[str, set[str]]


def look(*, at: datetime) -> timedelta:
    """What a worker does when it starts, when it hears of a commit, and when something is due: has the CDN told of all
    that has changed up to the instant `at`. Returns how long nothing will be due."""
    with transaction.atomic():
        keys = collect(at=at)
        if keys:
            purge.enqueue(sorted(keys))
    with connection.cursor() as cursor:
        instants = read_stamp(cursor, at=at).instants
    return min([*instants, midnight_after(at)]) - at


def stop() -> None:
    """Nobody asks any more: triggers write nothing from now on."""
    Touch.objects.all().delete()


@transaction.atomic
def collect(*, at: datetime) -> set[str]:
    """The keys of the pages that changed until `at`, each told once. The first time, those are all."""
    on = Touch.objects.select_for_update(skip_locked=True).filter(kind=touch.ON).order_by("pk").first()
    if on is None:
        if not Touch.objects.filter(kind=touch.ON).exists():
            Touch.objects.create(kind=touch.ON, name=at.isoformat())
            return {touch.ALL}
        return set()  # another worker is at it
    notes: Notes = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM blog_touch WHERE kind <> %s RETURNING kind, name", [touch.ON])
        for kind, name in cursor.fetchall():
            notes[kind].add(name)
    since = datetime.fromisoformat(on.name)
    due = _due(since, at)
    for kind, name in due:
        notes[kind].add(name)
    if notes or midnight_after(since) <= at:
        on.name = at.isoformat()
        on.save()
    keys = keys_of(notes, at=at)
    keys |= {key_of(touch.POST, slug) for slug in _turned(since, at)}
    return keys


def keys_of(notes: Notes, *, at: datetime) -> set[str]:
    """The keys by which the pages are known that what was touched has changed, seen at the instant `at`."""
    found: set[tuple[str, str]] = set()
    plain: set[str] = set()
    if notes["all"]:
        return {touch.ALL}
    moved = _ids(notes["D"])
    if max(len(moved), len(_ids(notes["F"]))) > MOST:
        return {touch.ALL}
    for kind in touch.THINGS:
        found |= {(kind, name) for name in notes[kind]}
    if notes[touch.CATEGORY]:
        # They stand in menus and overviews, by name and in their order.
        found |= {(touch.CATEGORY, above) for path in notes[touch.CATEGORY] for above in lineage(path)}
        plain |= {touch.SITE, touch.COUNTS, touch.GALLERY}
    if any(notes[kind] for kind in (touch.CATEGORY, touch.TAG, touch.AUTHOR)):
        plain.add(touch.NAMES)
    found |= {(touch.SERIES, slug) for slug in _slugs(Series, notes["R"])}
    found |= {(touch.PATH, slug) for slug in _slugs(LearningPath, notes["H"])}
    found |= {(touch.POST, slug) for slug in _slugs(Post.objects.filter(status="published"), notes["P"])}
    figures = set(Figure.objects.filter(Q(pk__in=_ids(notes["F"])) | Q(slug__in=notes[touch.FIGURE])))
    posts = Post.objects.filter(pk__in=moved)
    # One that was withdrawn is not published any more; its slug was touched with it.
    posts = posts.filter(Q(status="published") | Q(slug__in=notes[touch.POST]))
    seen = list(posts.only("slug", "published_at", "status", "translation_of", "facts"))
    figures |= set(Figure.objects.filter(pk__in=Showing.objects.filter(post__in=seen).values("figure")))
    if len(figures) > MOST:
        return {touch.ALL}
    if figures:
        plain.add(touch.GALLERY)
        found |= set(_with_figures(figures, at=at))
    found |= set(around(seen, at=at))
    lists, listed = _listed(notes["L"], _ids_of_two_languages(notes["G"]))
    plain |= lists
    found |= listed
    if found or plain or notes[touch.LISTS]:
        plain.add(touch.LISTS)
    return plain | {key_of(*one) for one in found}


def around(posts: Iterable[Post], *, at: datetime) -> Iterator[tuple[str, str]]:
    """The pages that will show these posts, or show them no more, by kind and name: their own, those before and after
    them, translations, posts that recommend or refer to them, series and paths. Ten queries for each."""
    for post in posts:
        yield touch.POST, post.slug
        others: Any = Post.objects.filter(status="published").order_by()
        wanted: list[Any] = [RelatedPost.objects.filter(other=post).values("post")]
        origin = post.translation_of_id or post.pk
        wanted.append(others.filter(Q(pk=origin) | Q(translation_of=origin)).values("pk"))
        if post.published_at:
            place = Cursor(post.published_at, post.pk)
            for beside in (page_rows(None, at=at, before=place), page_rows(None, at=at, after=place)):
                wanted.append(Post.objects.filter(pk__in=[row.post_id for row in beside[:1]]).values("pk"))
        prefix = path_of("x").removesuffix("x/")
        former = Address.objects.filter(post=post).values_list("path", flat=True)
        names = [post.slug, *(path.strip("/").rsplit("/")[-1] for path in former if path.startswith(prefix))]
        leads = [*names, *(f"{prefix}{name}" for name in names), *(f"{prefix}{name}/" for name in names)]
        wanted.append(others.extra(where=[LINKING], params=[leads]).values("pk"))  # noqa: S610
        for rows in wanted:
            for slug in others.filter(pk__in=rows).values_list("slug", flat=True):
                yield touch.POST, slug
        for slug in Series.objects.filter(parts__post=post).values_list("slug", flat=True):
            yield touch.SERIES, slug
        for slug in LearningPath.objects.filter(steps__post=post).values_list("slug", flat=True):
            yield touch.PATH, slug


def _with_figures(figures: Iterable[Figure], *, at: datetime) -> Iterator[tuple[str, str]]:
    """The pages of figures, of what shows them, and of the public ones next to them."""
    figures = list(figures)
    public = Showing.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), published_at__lte=at)
    for figure in figures:
        yield touch.FIGURE, figure.slug
        for beside in (
            public.filter(figure__lt=figure.pk).order_by("-figure_id"),
            public.filter(figure__gt=figure.pk).order_by("figure_id"),
        ):
            for slug in beside.values_list("figure__slug", flat=True)[:1]:
                yield touch.FIGURE, slug
    for slug in figure_uses.posts_showing(figures).filter(status="published").values_list("slug", flat=True):
        yield touch.POST, slug
    for slug in Author.objects.filter(portrait__in=figures).values_list("slug", flat=True):
        yield touch.AUTHOR, slug


def _listed(rows: set[str], speaking: set[int]) -> tuple[set[str], set[tuple[str, str]]]:
    """What changes with rows of listings, each its category's, tag's, author's and level's id, and with posts that
    changed their language."""
    plain, found = set(), set()
    ids: dict[str, dict[str, str]] = {
        touch.CATEGORY: dict(_named(Category, "path")),
        touch.TAG: {},
        touch.AUTHOR: {},
    }
    split = [row.split(",") for row in rows]
    for row in Listing.objects.filter(post__in=speaking, category__isnull=False):
        split.append([str(row.category_id), "", "", str(row.level_id)])
    ids[touch.TAG] = dict(_named(Tag.objects.filter(pk__in=_ids(one[1] for one in split)), "slug"))
    ids[touch.AUTHOR] = dict(_named(Author.objects.filter(pk__in=_ids(one[2] for one in split)), "slug"))
    numbers = dict(_named(LearningLevel, "number"))
    for *things, level in split:
        plain.add(touch.COUNTS)
        if not any(things):
            plain.add(touch.SITE)
        for kind, pk in zip((touch.CATEGORY, touch.TAG, touch.AUTHOR), things, strict=True):
            if name := ids[kind].get(pk):
                found.add((touch.LISTED[kind], name))
                if kind == touch.CATEGORY:
                    lower = [n for n in numbers.values() if int(n) < int(numbers.get(level, 0))]
                    found |= {(touch.UP, f"{name} {number}") for number in lower}
    return plain, found


def _named(things: Any, column: str) -> Iterator[tuple[str, str]]:
    rows = getattr(things, "objects", things)
    for pk, name in rows.order_by().values_list("pk", column):
        yield str(pk), str(name)


def _slugs(things: Any, names: set[str]) -> list[str]:
    rows = getattr(things, "objects", things)
    return list(rows.filter(pk__in=_ids(names)).order_by().values_list("slug", flat=True)) if names else []


def _ids(names: Iterable[str]) -> list[int]:
    return [int(name) for name in names if name]


def _ids_of_two_languages(names: set[str]) -> set[int]:
    seen: dict[str, set[str]] = defaultdict(set)
    for name in names:
        pk, _, language = name.partition(",")
        seen[pk].add(language)
    return {int(pk) for pk, languages in seen.items() if len(languages) > 1}


def _due(since: datetime, at: datetime) -> list[tuple[str, str]]:
    """What is noted of posts that have appeared or expired since: as if their listings had been touched."""
    within = Q(published_at__gt=since, published_at__lte=at) | Q(expires_at__gt=since, expires_at__lte=at)
    posts = list(Listing.objects.filter(within, **scoped(None)).values_list("post_id", flat=True))
    rows = Listing.objects.filter(post__in=posts) if posts else Listing.objects.none()
    notes = [("D", str(pk)) for pk in posts]
    for row in rows.values_list("category_id", "tag_id", "author_id", "level_id"):
        notes.append(("L", ",".join(str(pk or "") for pk in row)))
    return notes


def _turned(since: datetime, at: datetime) -> list[str]:
    """The slugs of posts whose age in years a midnight between the two instants has changed, where pages tell it."""
    zone = timezone.get_default_timezone()
    first, last = timezone.localtime(since, zone).date(), timezone.localtime(at, zone).date()
    if not settings.AGE_NOTICE_YEARS or first >= last:
        return []
    days = Q()
    for n in range(1, min((last - first).days, 366) + 1):
        day = first + timedelta(days=n)
        days |= Q(last__month=day.month, last__day=day.day)
        if (day.month, day.day) == (3, 1) and not calendar.isleap(day.year):
            days |= Q(last__month=2, last__day=29)
    with timezone.override(zone):
        posts = Post.objects.filter(status="published").annotate(
            last=Greatest("published_at", F("changed_at"))
        )
        return list(posts.filter(days, last__lt=at - YOUNG).order_by().values_list("slug", flat=True))


def midnight_after(at: datetime) -> datetime:
    zone = timezone.get_default_timezone()
    day = timezone.localtime(at, zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


@task(priority=20)
def purge(keys: list[str], tried: int = 0, again: bool = True) -> bool:
    """Tells the CDN, and later again what was on its way; tries again, after longer each time, while it is away.
    Whether it was told."""
    if not settings.CDN:
        return False
    try:
        cdns.chosen().purge([touch.ALL] if touch.ALL in keys else keys)
    except OSError as trouble:  # urllib's errors are such; their words may hold what was sent
        tried += 1
        logger.warning("The CDN was not told of changes (%s), attempt %d.", cdns.in_words(trouble), tried)
        if tried < TRIES:
            wait = min(FIRST_WAIT * 2 ** (tried - 1), LONGEST_WAIT)
            purge.using(run_after=timezone.now() + wait).enqueue(keys, tried, again)
        return False
    if again:
        later = max(AGAIN, timedelta(seconds=2 + settings.REPLICA_LAG))
        purge.using(run_after=timezone.now() + later).enqueue(keys, 0, False)
    return True
