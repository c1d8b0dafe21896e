"""How PostgreSQL reads a post's page, over three thousand posts; what the page shows is told in tests/pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from blog.keeping.told import told
from blog.models import Author, LearningLevel, Post, find_post_page, for_page, read_post_page
from tests import make
from tests.models.test_listing_plan import AT, fill, plan, rows_read

POSTS, PARTS = 3_000, 5


def fill_with_figures_and_series():
    """Every post places two figures and stands in a series of five."""
    fill(POSTS)
    first, second = make.figure("event-bus"), make.figure("write-path")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO blog_placement (post_id, figure_id, number) "
            "SELECT id, unnest(ARRAY[%s, %s]), unnest(ARRAY[1, 2]) FROM blog_post",
            [first.pk, second.pk],
        )
        cursor.execute(
            "INSERT INTO blog_series (title, slug, description) SELECT 'Series ' || n, 'series-' || n, '' "
            "FROM generate_series(0, %s) AS n",
            [POSTS // PARTS - 1],
        )
        cursor.execute(
            "INSERT INTO blog_seriespart (post_id, series_id, number) "
            "SELECT p.id, s.id, p.n %% %s + 1 FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM blog_post) AS p "
            "JOIN blog_series AS s ON s.slug = 'series-' || p.n / %s",
            [PARTS, PARTS],
        )
        cursor.execute("ANALYZE")


def test_it_reads_few_rows_for_a_post_however_many_posts_figures_and_series_there_are(db):
    fill_with_figures_and_series()
    for slug in ("post-42", "post-2502"):
        with CaptureQueriesContext(connection) as sent:
            page = read_post_page(for_page(Post.objects.live(AT)).get(slug=slug), at=AT)
        assert set(page.figures) == {"event-bus", "write-path"}
        assert sum(len(one.parts) for one in page.series) == PARTS
        assert page.newer
        assert page.older
        read = {query["sql"][:60]: rows_read(plan(query["sql"])) for query in sent}
        assert sum(read.values()) < 400, read


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["a", "b"])
def test_the_page_that_is_found_is_the_page_that_is_read(slug, django_assert_num_queries):
    categories, authors = (
        [make.category("storage")],
        [make.author(portrait=make.figure("face", alt="A face."))],
    )
    for one in ("a", "b"):
        make.post(
            one.upper(), slug=one, categories=categories, authors=authors, tags=["s3"],
            body=f"## One\n\n![](figure:{one})\n", lead_figure=make.figure(one),
        )  # fmt: skip
    read = read_post_page(for_page(Post.objects.live(AT)).get(slug=slug), at=AT)
    with django_assert_num_queries(3):
        found = find_post_page(slug, at=AT)
        assert {name: getattr(found, name) for name in vars(read)} == vars(read)
    assert found.bylines[0].author.portrait == authors[0].portrait
    assert not hasattr(found, "nothing")


def the_other():
    return Post.objects.get(slug="b")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda post: Post.objects.filter(pk=post.pk).update(published_at=AT - timedelta(days=9)),
        lambda post: Post.objects.filter(pk=post.pk).update(changed_at=AT - timedelta(days=1)),
        lambda post: Post.objects.filter(pk=post.pk).update(translation_of=the_other(), language="de"),
        lambda post: Post.objects.filter(pk=post.pk).update(lead_figure=make.figure("another")),
        lambda post: Post.objects.filter(pk=post.pk).update(facts={**post.facts, "crossings": [["b", ""]]}),
        lambda post: Post.objects.filter(pk=post.pk).update(learning_level=make.level(100)),
        lambda post: LearningLevel.objects.filter(number=200).update(number=150),
        lambda post: post.categories.set([make.category("elsewhere")]),
        lambda post: Author.objects.update(portrait=make.figure("another-face", alt="A face.")),
        lambda post: post.bylines.all().delete(),
    ],
)
def test_the_page_that_is_found_after_a_change_is_the_page_that_is_read(change):
    """What the second and third query ask for is remembered by the columns that it follows from."""
    storage = [make.category("storage")]
    author = make.author(portrait=make.figure("face", alt="A face."))
    post = make.post("A", slug="a", categories=storage, authors=[author], at=AT - timedelta(days=3))
    make.post("B", slug="b", categories=storage, at=AT - timedelta(days=5))
    make.post(
        "Deeper", slug="c", categories=storage, learning_level=make.level(300), at=AT - timedelta(days=7)
    )
    make.post(
        "Deeper",
        slug="d",
        categories=[make.category("elsewhere")],
        learning_level=make.level(300),
        at=AT - timedelta(days=7),
    )
    before = find_post_page("a", at=AT)
    assert before.next_level
    change(post)
    read = read_post_page(for_page(Post.objects.live(AT)).get(slug="a"), at=AT)
    found = find_post_page("a", at=AT)
    # Told in words: levels of cards are rows without ids, and such are never equal.
    assert repr({name: getattr(found, name) for name in vars(read)}) == repr(vars(read))
    assert told(found) != told(before)
