"""A post that is not live yet leaves no trace anywhere; a second later it is everywhere.

One walk over everything that a reader, a feed reader or a crawler can ask for: every page that is linked, every feed, alternate
and sitemap, the searches and misspelt addresses that could find it, and every file that belongs to it.
"""

import html
import re
from collections import deque
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from blog.models import Change, LearningPath, PathStep, Post, RelatedPost, Series
from blog.publishing import cards, figures
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.long]

GOES_LIVE = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BEFORE, AFTER = GOES_LIVE - timedelta(seconds=1), GOES_LIVE + timedelta(seconds=1)
TRACE = re.compile("zyzz", re.IGNORECASE)
"""Every word of the hidden post, its figure and what belongs to it alone holds these letters; no question below does."""

SEEDS = [
    "/",
    "/category/",
    "/category/learning-levels/",
    "/archive/",
    "/figures/",
    "/series/",
    "/paths/",
    "/search/",
    "/sitemap.xml",
    "/robots.txt",
    "/llms.txt",
    "/llms-full.txt",
    "/feeds.opml",
]
MISSPELT = "/search/?q=unobtainum"
QUESTIONS = [
    "/search/?q=unobtainium",
    MISSPELT,
    "/search/?q=level:400",
    "/search/?q=from:2026-05",
    "/search/?q=category:storage&sort=newest",
    "/search/feed/?q=unobtainium",
    "/search/feed/json/?q=unobtainium",
    "/search.md?q=unobtainium",
    "/figures/?q=unobtainium",
    "/figures/?level=400",
    "/category/storage/?level=400",
    "/category/storage/?year=2026&narrow",
    "/posts/unobtainium-ledgers/",  # no such address: what lies nearest?
]


@pytest.fixture
def hidden(settings):
    """A live edition, and a post in the middle of it that goes live at GOES_LIVE; what the worker does is done."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    at = GOES_LIVE - timedelta(days=30)
    shared = Series.objects.create(title="Ledgers", slug="ledgers")
    own = Series.objects.create(title="Zyzz series", slug="zyzz-series")
    shelf = make.category("storage/ledgers")
    figure = make.figure(
        "zyzz-figure",
        caption="Zyzz: where unobtainium is kept",
        alt="Zyzz boxes of unobtainium in a row.",
        long_description="Zyzz and more zyzz.",
    )
    post = make.post(
        "Zyzz unobtainium ledgers",
        slug="zyzz-unobtainium-ledgers",
        summary="Zyzz: how ledgers of unobtainium were kept apart until the day on which everybody could read them.",
        body="## Zyzz heading\n\nUnobtainium, zyzz.\n\n![](figure:zyzz-figure)\n\n```python\nzyzz = 1\n```\n",
        at=GOES_LIVE,
        categories=[shelf],
        tags=["s3", "zyzztag"],
        authors=[make.author(), make.author("Zyzz Author")],
        series=[(shared, 4), (own, 1)],
        learning_level=make.level(400),
        lead_figure=figure,
    )
    live = [
        make.post(
            f"Ledger {n}",
            slug=f"ledger-{n}",
            at=at + timedelta(hours=n),
            categories=[shelf],
            tags=["s3"],
            series=[(shared, n)],
            learning_level=make.level(300),
            lead_figure=make.figure(f"plain-{n}"),
            body=f"## First\n\n![](figure:plain-{n})\n\nSee [another](post:zyzz-unobtainium-ledgers) and "
            "[a drawing](post:zyzz-unobtainium-ledgers#fig-zyzz-figure).\n",
        )
        for n in (1, 2, 3)
    ]
    path = LearningPath.objects.create(title="Keeping ledgers", slug="keeping-ledgers")
    for number, one in enumerate([*live, post], start=1):
        PathStep.objects.create(learning_path=path, post=one, number=number)
    only = LearningPath.objects.create(title="Zyzz path", slug="zyzz-path")
    PathStep.objects.create(learning_path=only, post=post, number=1)
    RelatedPost.objects.create(post=live[0], other=post, curated=True)
    Post.objects.filter(pk=post.pk).update(translation_of=live[1])
    Change.objects.create(post=post, made_at=GOES_LIVE, sentence="Zyzz was added.")
    for one in [figure, *(p.lead_figure for p in live)]:
        figures.make_renditions(one, at=at)
    cards.draw(post)
    post.refresh_from_db()
    assert post.social_card
    return post


def stand_at(monkeypatch, instant):
    monkeypatch.setattr(timezone, "now", lambda: instant)


def links(path, kind, text):
    """Every address of this site that an answer names."""
    if kind == "text/html":
        found = re.findall(r'(?:href|src|action)="([^"]+)"', text)
        found += [
            part.split()[0] for one in re.findall(r'srcset="([^"]+)"', text) for part in one.split(", ")
        ]
        found += re.findall(r'"(https?://[^"\\]+)"', text)
    elif kind in {"text/markdown", "text/plain"}:
        found = re.findall(r"\]\(<?([^)\s>]+)", text) + re.findall(r"(?:Sitemap|url|canonical): (\S+)", text)
    else:
        found = re.findall(r'(?:href|url|xmlUrl|htmlUrl)="([^"]+)"', text) + re.findall(
            r">(https?://[^<]+)<", text
        )
        found += re.findall(r'"(https?://[^"\\]+)"', text)
    for one in found:
        if " " in one.strip():  # several, as in the srcset of a text within JSON
            continue
        parts = urlsplit(urljoin(f"{settings.SITE_URL}{path}", html.unescape(one)))
        if f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL and not parts.path.startswith(
            ("/static/", "/admin")
        ):
            yield quote(parts.path, safe="/%") + (f"?{parts.query}" if parts.query else "")


def walk(client, seeds):
    """Address → (status, text) of everything that can be reached; files of pictures are asked for and not read."""
    seen, waiting = {}, deque(seeds)
    while waiting:
        path = waiting.popleft()
        if path in seen:
            continue
        answer = client.get(path)
        kind = answer.get("Content-Type", "").partition(";")[0]
        if kind.startswith("image/"):
            b"".join(answer.streaming_content)
            seen[path] = answer.status_code, ""
            continue
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        seen[path] = answer.status_code, f"{body.decode()}{answer.headers}"
        if answer.status_code in {301, 302}:
            waiting.append(answer["Location"].removeprefix(settings.SITE_URL))
        # What is kept from search engines is looked at, and led on from by nothing: combinations have no end.
        if path in seeds or not re.search(r"noindex", seen[path][1]):
            waiting.extend(links(path, kind, body.decode()))
        assert len(seen) < 1_500, "the walk does not end"
    return seen


def own_files(post):
    """The addresses of every file that exists for the hidden post's sake."""
    figure = post.lead_figure
    files = [figure.image, *(one.file for one in figure.renditions.all()), post.social_card]
    return [file.url for file in files if file]


def own_addresses(post):
    """Where the post and what belongs to it alone will be found."""
    pages = [
        post.get_absolute_url(),
        "/figures/zyzz-figure/",
        "/tag/zyzztag/",
        "/author/zyzz-author/",
        "/series/zyzz-series/",
        "/paths/zyzz-path/",
    ]
    alternates = [f"{page.rstrip('/')}.md" for page in pages]
    feeds = [f"{page}feed/{kind}" for page in pages[2:] for kind in ("", "atom/", "json/")]
    return [*pages, *alternates, *feeds]


def test_it_leaves_no_trace_before_its_time_and_is_everywhere_after(hidden, monkeypatch):
    reader = Client(raise_request_exception=True)
    stand_at(monkeypatch, BEFORE)
    before = walk(reader, [*SEEDS, *QUESTIONS])
    assert len(before) > 100
    traces = {path for path, (_, text) in before.items() if TRACE.search(path) or TRACE.search(text)}
    assert traces == set()
    for path in own_addresses(hidden):
        answer = reader.get(path)
        assert answer.status_code == 404, path
        told = answer.content.decode().replace(path, "")
        assert "nobtainium is kept" not in told and "Zyzz unobtainium" not in told, path
    for path in own_files(hidden):
        assert reader.get(path).status_code == 404, path

    stand_at(monkeypatch, AFTER)
    after = walk(reader, [*SEEDS, *QUESTIONS])
    dead = {path: status for path, (status, _) in after.items() if status >= 400}
    assert set(dead) == {"/posts/unobtainium-ledgers/"}, dead
    found = {path for path, (_, text) in after.items() if TRACE.search(text)}
    wanted = {
        *SEEDS,
        *QUESTIONS,
        *own_addresses(hidden),
        "/category/storage/",
        "/category/storage/ledgers/",
        "/category/learning-levels/expert-400/",
        "/tag/s3/",
        "/author/ada-ferrant/",
        "/series/ledgers/",
        "/paths/keeping-ledgers/",
        "/archive/2026/",
        "/archive/2026/05/",
        "/posts/ledger-1/",  # related, and referred to
        "/posts/ledger-2/",  # its translation
        "/posts/ledger-3/",  # its older neighbour, and a part of its series
        "/feed/",
        "/feed/atom/",
        "/feed/json/",
        "/index.md",
        "/posts/ledger-1.md",
        "/category/storage.md",
        "/figures.md",
    } - {"/robots.txt", "/sitemap.xml", "/search/", "/category/", "/archive/", MISSPELT}
    assert wanted - found == set()
    told = [seen[MISSPELT][1] for seen in (before, after)]
    assert ["unobtainium" in text for text in told] == [False, True]  # what may have been meant
    for path in own_files(hidden):
        assert after.get(path, (0, ""))[0] == 200, path
