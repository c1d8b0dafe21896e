"""What is measured: pages, with cursors found by SQL instead of walking to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.models import Author, Category, Cursor, LearningLevel, Post, Tag, Tally, levels_with_counts
from blog.models.listing import page_rows
from blog.pages.listings import PAGE_SIZE
from blog.transfer.synthetic import corpus

HUNDREDTH = 100


@dataclass
class Target:
    """One page, with what it must contain to be that page, and the samples taken of it."""

    name: str
    page: str
    path: str
    expects: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    queries: int = 0
    sql_ms: float = 0
    bytes: int = 0
    samples: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


def targets(at: datetime) -> list[Target]:
    """Every page to measure; `deepest` is the last page that is full, for a shorter one would flatter."""
    large, small = _extremes("category", Category)
    level = LearningLevel.objects.get(number=300)
    tag, _ = _extremes("tag", Tag)
    author, _ = _extremes("author", Author)
    newest = Post.objects.live(at).latest("pk")
    middle = Post.objects.live(at).filter(pk__lte=newest.pk // 2).latest("pk")
    found = [
        *listing("home", reverse("home"), None, at),
        *listing("large category", large.get_absolute_url(), large, at),
        *listing("large category at a level", large.get_absolute_url(), large, at, level),
        *listing("small category", small.get_absolute_url(), small, at),
        *listing("a level", reverse("level", args=[level.slug]), None, at, level, in_path=True),
        *listing("a tag", tag.get_absolute_url(), tag, at),
        *listing("an author", author.get_absolute_url(), author, at),
        Target("a post", "", middle.get_absolute_url(), (middle.title,)),
        *_around(large, at),
    ]
    return found + list(_admin(large, tag, author, level, at))


def _around(large: Category, at: datetime) -> Iterator[Target]:
    """What surrounds listings: the archive, feeds, sitemaps, the gallery."""
    year = Post.objects.live(at).latest("published_at").published_at.year
    yield Target("archive", "all years", reverse("archives"), (str(year),))
    yield Target("archive", "a year", reverse("year", args=[year]))
    yield Target("archive", "a month", reverse("month", args=[year, 6]))
    yield Target("feed", "of the site", reverse("home-feed"), ("<rss",))
    yield Target("feed", "of the large category", reverse("category-feed", args=[large.path]), ("<rss",))
    yield Target("sitemap", "index", reverse("sitemap"), ("<sitemapindex",))
    yield Target("sitemap", "a part", reverse("sitemap-part", args=["posts", 1]), ("<urlset",))
    yield Target("gallery", "first", reverse("figures"), ("<h1",))
    yield Target("levels", "matrix", reverse("levels"), ("Learning Levels",))
    yield Target("subjects", "", reverse("subjects"), ("<h1",))


def _extremes(scope: str, model: type[models.Model]) -> tuple[Any, Any]:
    """The fullest and the emptiest listing of a kind."""
    counted = (
        Tally.objects.filter(**{f"{scope}__isnull": False}).values_list(scope).annotate(posts=Sum("posts"))
    )
    found = [pk for pk, _ in counted.filter(posts__gt=0).order_by("-posts", scope)]
    return model._default_manager.get(pk=found[0]), model._default_manager.get(pk=found[-1])


def listing(
    name: str,
    base: str,
    scope: models.Model | None,
    at: datetime,
    level: LearningLevel | None = None,
    *,
    in_path: bool = False,
) -> Iterator[Target]:
    """The first, the hundredth and the deepest full page of a listing, as far as there are that many."""
    rows = page_rows(scope, at=at, level=level)
    narrowed = f"level={level.number}" if level and not in_path else ""
    counted = levels_with_counts(scope, at=at)
    count = sum(one.posts_count for one in counted if level in {None, one})
    deepest = max(1, count // PAGE_SIZE)
    pages = {"first": 1, "100th": HUNDREDTH, f"deepest ({deepest:,})": deepest}
    seen = set()
    for label, page in pages.items():
        if page in seen or page > deepest:
            continue
        seen.add(page)
        query = [narrowed] if narrowed else []
        place = None
        if page > 1:
            # The last one before it, counted from the nearer end.
            skipped = (page - 1) * PAGE_SIZE
            found = rows.order_by("published_at", "post_id") if page == deepest else rows
            one = found[count - skipped if page == deepest else skipped - 1]
            place = Cursor(one.published_at, one.post_id)
            query.append(f"before={place}")
        ids = page_rows(scope, at=at, level=level, before=place).values_list("post_id", flat=True)[:PAGE_SIZE]
        posts = Post.objects.in_bulk(ids)
        expects = tuple(posts[pk].get_absolute_url() for pk in ids)
        yield Target(name, label, base + ("?" + "&".join(query) if query else ""), expects)


def _admin(
    category: Category, tag: Tag, author: Author, level: LearningLevel, at: datetime
) -> Iterator[Target]:
    """The editor's list of posts, as it is narrowed and searched, and what else an editor opens."""
    from django.contrib.auth import get_user_model

    user, _ = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    path = reverse("admin:blog_post_changelist")
    word = corpus.vocabulary()
    newest = Post.objects.live(at).latest("pk")
    queries = {
        "first": "",
        "100th": "p=100",
        "by date": "o=-5",
        "live": "state=live",
        "scheduled": "state=scheduled",
        "expired": "state=expired",
        "drafts": "state=draft",
        "a level": f"learning_level__id__exact={level.pk}",
        "a category": f"category={category.pk}",
        "a tag": f"tag={tag.pk}",
        "an author": f"author={author.pk}",
        "live, category, level": f"state=live&category={category.pk}&learning_level__id__exact={level.pk}",
        "a year": "published_at__year=2020",
        "a rare word": f"q={word[4_000]}",
        "a frequent word": f"q={word[4]}",
        "two words": f"q={word[60]}+{word[300]}",
        "a slug": f"q={newest.slug}",
        "a word in a category": f"q={word[200]}&category={category.pk}",
    }
    for page, query in queries.items():
        yield Target("admin: posts", page, f"{path}?{query}" if query else path, headers={"Cookie": cookie})
    for name in ("figure", "tag", "author", "category", "event"):
        yield Target(
            "admin", f"{name} list", reverse(f"admin:blog_{name}_changelist"), headers={"Cookie": cookie}
        )
    yield Target("admin", "dashboard", reverse("admin:index"), headers={"Cookie": cookie})
    form = reverse("admin:blog_post_change", args=[newest.pk])
    yield Target("admin", "a post's form", form, headers={"Cookie": cookie})


def count_queries(target: Target) -> None:
    """Fills in the number of queries and the time they take, best of five, in this process.

    Raises:
        ValueError: the page is not the one it should be: wrong status, or posts missing or out of order.
    """
    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False, headers=target.headers)
    times = []
    for _ in range(5):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(target.path)
            text = answer.getvalue().decode()  # some is written while it is asked for
        times.append(sum(float(query["time"]) for query in captured) * 1_000)
    places = [text.find(expected) for expected in target.expects]
    if answer.status_code != 200 or -1 in places or any(a > b for a, b in pairwise(places)):
        raise ValueError(
            f"{target.path} ({target.name}, {target.page}) answered {answer.status_code}, not the page it should"
        )
    target.queries, target.sql_ms = len(captured), min(times)
