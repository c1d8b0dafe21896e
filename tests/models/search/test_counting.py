"""Counts against a naive count in Python, and the plans by which PostgreSQL finds them."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.models import Byline, Post, PostTag, Tag
from blog.models.search import parse, search
from blog.publishing import listing
from tests import make
from tests.models.test_listing_plan import plan

pytestmark = pytest.mark.django_db

WORDS = ("quorum", "lease", "ledger")
POSTS = 300


@pytest.fixture(scope="module")
def edition(module_rows, now):
    """Posts that have nothing in common but chance: some scheduled, some expired, some drafts."""
    dice = Random(7)
    levels = [make.level(number) for number in (100, 200, 300, 400)]
    shelves = [make.category(path) for path in ("a", "a/b", "a/b/c", "d", "d/e")]
    tags = [Tag.objects.create(name=name, slug=name) for name in ("x", "y")]
    author = make.author()
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {n}",
            slug=f"post-{n}",
            summary="A summary.",
            body_text=" ".join(word for word in WORDS if dice.random() < 0.5),
            learning_level=dice.choice(levels),
            status=Post.Status.PUBLISHED if dice.random() < 0.9 else Post.Status.DRAFT,
            published_at=now + timedelta(days=dice.randint(-900, 60)),
            editors_note="",
            social_card="",
        )
        for n in range(POSTS)
    )
    for post in posts:
        if dice.random() < 0.2:
            post.expires_at = post.published_at + timedelta(days=dice.randint(1, 900))
    Post.objects.bulk_update(posts, ["expires_at"])
    Post.categories.through.objects.bulk_create(
        Post.categories.through(post=post, category=shelf)
        for post in posts
        for shelf in dice.sample(shelves, dice.randint(1, 3))
    )
    PostTag.objects.bulk_create(
        PostTag(content_object=p, tag=t) for p in posts for t in tags if dice.random() < 0.4
    )
    Byline.objects.bulk_create(Byline(post=post, author=author) for post in posts)
    listing.refile([post.pk for post in posts])
    return posts


@pytest.mark.parametrize(
    ("text", "words", "tag", "root"),
    [("quorum", {"quorum"}, None, None), ("quorum lease tag:x", {"quorum", "lease"}, "x", None), ("tag:y", set(), "y", None),
     ("ledger category:a", {"ledger"}, None, "a"), ("ledger category:a tag:x", {"ledger"}, "x", "a")],
)  # fmt: skip
def test_it_counts_exactly(edition, now, text, words, tag, root):
    live = (
        Post.objects.live(now)
        .select_related("learning_level")
        .prefetch_related("categories", "post_tags__tag")
    )
    expected = [
        post
        for post in live
        if words <= set(post.body_text.split())
        and (not tag or tag in {one.tag.slug for one in post.post_tags.all()})
        and (not root or root in {one.path.split("/")[0] for one in post.categories.all()})
    ]
    results = search(parse(text), at=now)
    assert expected
    assert results.count == len(expected)
    levels = Counter(str(post.learning_level) for post in expected)
    assert {one.name: one.count for one in results.facets.levels} == levels
    years = Counter(str(post.published_at.year) for post in expected)
    assert {one.name: one.count for one in results.facets.years} == years
    depth = 2 if root else 1
    shelves = Counter(
        path
        for post in expected
        for path in {"/".join(one.path.split("/")[:depth]) for one in post.categories.all()}
        if path.count("/") == depth - 1 and (not root or path.startswith(f"{root}/"))
    )
    names = Counter({path.split("/")[-1].title(): n for path, n in shelves.items()})
    assert {one.name: one.count for one in results.facets.categories} == names


def test_it_finds_as_many_by_each_facet_as_the_facet_says(edition, now):
    results = search(parse("quorum category:a"), at=now)
    for one in (*results.facets.levels, *results.facets.categories, *results.facets.years):
        from urllib.parse import parse_qs, urlsplit

        narrower = parse_qs(urlsplit(one.url).query)["q"][0]
        assert search(parse(narrower), at=now).count == one.count, narrower


def test_it_reads_large_results_without_a_gap_too(edition, now, monkeypatch):
    monkeypatch.setattr("blog.models.search.ranking.EXACT", 20)
    monkeypatch.setattr("blog.models.search.ranking.HEADS", 7)
    Post.objects.filter(pk__in=[post.pk for post in edition[:30]]).update(title="Quorum")
    listing.refile([post.pk for post in edition])
    count = search(parse("quorum"), at=now).count
    assert count > 60
    for sort in ("relevance", "newest"):
        for walk in (0, 2_000):
            monkeypatch.setattr("blog.models.search.ranking.WALK", walk)
            monkeypatch.setattr("blog.models.search.ranking.HEADS", 1_000)
            pages = [
                search(parse("quorum"), at=now, page=n, sort=sort) for n in range(1, -(-count // 10) + 1)
            ]
            seen = [hit.post for page in pages for hit in page.hits]
            assert len({post.pk for post in seen}) == len(seen) == count
            if sort == "newest":
                assert seen == sorted(seen, key=lambda post: (post.published_at, post.pk), reverse=True)
            else:
                titled = [post.title == "Quorum" for post in seen]
                assert titled == sorted(titled, reverse=True)


MANY = 3_000


def test_it_asks_the_index_for_words_however_many_posts_have_them(now):
    shelf, level, at = make.category(), make.level(), now - timedelta(days=1)
    posts = Post.objects.bulk_create(
        Post(
            title=f"Post {n}", slug=f"post-{n}", summary="A summary.", learning_level=level, published_at=at, editors_note="",
            body_text=f"everywhere {'sometimes' if n % 10 == 0 else ''} {'seldom' if n % 500 == 0 else ''}",
            social_card="", status=Post.Status.PUBLISHED,
        )
        for n in range(MANY)
    )  # fmt: skip
    Post.categories.through.objects.bulk_create(
        Post.categories.through(post=post, category=shelf) for post in posts
    )
    listing.refile([post.pk for post in posts])
    with connection.cursor() as cursor:
        # What waits to be sorted into an index makes it look dear; a server does this by itself, and often.
        cursor.execute("SELECT gin_clean_pending_list('entry_facets')")
        cursor.execute("ANALYZE")
        # Rows without texts fill a few pages, which are read as quickly as an index.
        cursor.execute("SET LOCAL enable_seqscan = off")
    for text, n in (
        ("everywhere", MANY),
        ("sometimes", MANY // 10),
        ("seldom", MANY // 500),
        ("everywhere seldom", MANY // 500),
    ):
        with CaptureQueriesContext(connection) as sent:
            assert search(parse(text), at=now).count == n
        counting = next(query["sql"] for query in sent if "width_bucket" in query["sql"])
        nodes = plan(counting)
        assert any(node.get("Index Name") == "entry_facets" for node in nodes), text
        assert not [
            node
            for node in nodes
            if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == "blog_entry"
        ]
